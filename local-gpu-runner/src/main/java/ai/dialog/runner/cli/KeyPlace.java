package ai.dialog.runner.cli;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.FileKeyStore;
import ai.dialog.functions.access.FileSigningKeys;
import ai.dialog.functions.access.KeyRegistry;
import ai.dialog.functions.aws.secrets.OperatorKeys;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where keys are: the folder of a service on this machine, or a secret of AWS Secrets Manager. */
final class KeyPlace {

    @Option(
            names = "--state-dir",
            paramLabel = "FOLDER",
            description = "The folder of a service on this machine. Default: ~/.config/ai-dialog.")
    private @Nullable Path stateDir;

    @Option(
            names = "--secret",
            paramLabel = "ARN",
            description =
                    "Instead, the secret of AWS Secrets Manager with the hashes of the keys; the standard AWS settings are"
                            + " honoured. Also: AI_DIALOG_SECRET, API_KEYS_SECRET_ARN.")
    private @Nullable String secret;

    /** The files of the folder. */
    AccessSettings files() {
        return AccessSettings.of(StateFolder.of(stateDir), null);
    }

    /** Whether it is a secret and not a folder. */
    boolean inSecret() {
        return secret != null;
    }

    /** Does something with the keys; a refusal of theirs ends the command. */
    <T> T with(Function<KeyRegistry, T> work) {
        try (KeyRegistry registry = open()) {
            return work.apply(registry);
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            throw new CliException(ExitCodes.FAILED, ErrorText.reason(e));
        }
    }

    private KeyRegistry open() {
        if (secret != null) {
            return OperatorKeys.open(secret);
        }
        return new FileKeyStore(files().apiKeysFile(), InstantSource.system());
    }

    /** The signing keys of the folder, made where there are none. */
    FileSigningKeys signingKeys() {
        if (secret != null) {
            throw new CliException(
                    ExitCodes.USAGE,
                    "signing keys in a secret are rotated by its rotation function: aws secretsmanager rotate-secret");
        }
        try {
            return new FileSigningKeys(files().signingKeysFile(), InstantSource.system());
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new CliException(ExitCodes.FAILED, ErrorText.reason(e));
        }
    }

    /** Where a person finds them. */
    @Override
    public String toString() {
        return secret == null ? files().folder().toString() : secret;
    }
}
