package ai.dialog.runner.cli;

import ai.dialog.functions.access.AccessDoctor;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.access.Diagnosis;
import ai.dialog.functions.access.FileSigningKeys;
import ai.dialog.functions.access.VerificationKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys doctor}: why a key or token is good or refused. */
@Command(
        name = "doctor",
        description = {
            "Says why a key or token is accepted or refused: unknown, changed, expired, revoked, rotated, of another service, from"
                    + " a wrong address, by a wrong clock. It is not printed, not even in part.",
            "Give it on standard input, or in API_KEY: a command line can be read by every user of the machine, and stays in the"
                    + " shell's history.",
            "Exit code: 0 accepted, 1 refused."
        },
        mixinStandardHelpOptions = true)
final class KeysDoctorCommand implements Callable<Integer> {

    private static final int LONGEST_CREDENTIAL = 16_384;

    @Parameters(
            arity = "0..1",
            paramLabel = "KEY|TOKEN",
            description = "The credential; '-' for standard input. Default: API_KEY, else standard input.")
    private @Nullable String credential;

    @Option(names = "--api-key", hidden = true, description = "API_KEY of the environment.")
    private @Nullable String apiKey;

    @Option(names = "--address", paramLabel = "IP", description = "Where it is used from.")
    private @Nullable String address;

    @Option(
            names = "--url",
            paramLabel = "BASE",
            description =
                    "A running service to ask as well: http://127.0.0.1:18789. It is sent the credential, and its clock is"
                            + " compared with this machine's.")
    private @Nullable String url;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Mixin
    private CaOption ca = new CaOption();

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InetAddress from = from();
        String given = given();
        var service = url == null ? null : ServiceCheck.of(url, given, ca.trusted());
        Diagnosis diagnosis = place.with(registry -> new AccessDoctor(
                        registry,
                        signing(),
                        AccessSettings.DEFAULT_NAME,
                        AccessSettings.DEFAULT_NAME,
                        InstantSource.system())
                .examine(given, from));
        List<Diagnosis.Finding> findings = new ArrayList<>(diagnosis.findings());
        if (service != null) {
            findings.addAll(service);
        }
        var all = new Diagnosis(diagnosis.kind(), findings);
        print(all, spec.commandLine().getOut());
        return all.accepted() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private void print(Diagnosis diagnosis, PrintWriter out) {
        if (json) {
            out.println(Json.line(diagnosis));
            return;
        }
        for (var finding : diagnosis.findings()) {
            String mark = switch (finding.result()) {
                case OK -> "ok";
                case FAILED -> "FAILED";
                case NOTE -> "-";
            };
            out.println(String.format(Locale.ROOT, "%-7s %-15s %s", mark, finding.check(), finding.detail()));
        }
        out.println(diagnosis.accepted() ? "accepted" : "refused");
    }

    /** Of a folder; those of a secret are the service's alone. None is made here. */
    private @Nullable VerificationKeys signing() {
        var file = place.files().signingKeysFile();
        return place.inSecret() || !Files.exists(file) ? null : new FileSigningKeys(file, InstantSource.system());
    }

    private @Nullable InetAddress from() {
        if (address == null) {
            return null;
        }
        try {
            Cidr.of(address); // no name is looked up
            return InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, "--address must be an IPv4 or IPv6 address, and is " + address);
        }
    }

    private String given() throws IOException {
        if (credential != null && !credential.equals("-")) {
            return credential;
        }
        if (credential == null && apiKey != null && !apiKey.isBlank()) {
            return apiKey;
        }
        var line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (line == null || line.isBlank() || line.length() > LONGEST_CREDENTIAL) {
            throw new CliException(
                    ExitCodes.USAGE, "give a key or token on standard input, in API_KEY or as an argument");
        }
        return line;
    }
}
