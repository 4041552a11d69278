package ai.dialog.runner.cli;

import ai.dialog.runner.audit.AuditSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where each request is noted. */
final class AuditOptions {

    private static final String STANDARD_OUTPUT = "-";
    private static final String NOWHERE = "none";

    @Option(
            names = "--audit-log",
            paramLabel = "FILE",
            description =
                    "One line of JSON for each request, without keys and prompts; - for standard output, none for no log."
                            + " A file of 10 MB or a week is put aside, and five are kept. Default: audit.log in the state folder.")
    private @Nullable String file;

    @Option(
            names = "--audit-prompts",
            description = "The audit log has messages and answers too, up to 32,768 characters of each.")
    private boolean prompts;

    @Nullable
    AuditSettings settings(Path stateFolder) {
        String given = file;
        if (NOWHERE.equals(given)) {
            if (prompts) {
                throw new CliException(ExitCodes.USAGE, "--audit-prompts needs an audit log, and --audit-log is none");
            }
            return null;
        }
        if (STANDARD_OUTPUT.equals(given)) {
            return AuditSettings.in(null, prompts);
        }
        return AuditSettings.in(given == null ? stateFolder.resolve("audit.log") : Path.of(given), prompts);
    }

    boolean withPrompts() {
        return prompts;
    }
}
