package ai.dialog.runner.cli;

import ai.dialog.runner.tls.TlsSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS, with a certificate that is given or self-made. */
final class TlsOptions {

    @Option(
            names = "--tls",
            description =
                    "Serve HTTPS. Without a certificate of your own one is made, kept in the state folder, and its fingerprint"
                            + " printed.")
    private boolean tls;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description =
                    "The certificate and those that vouch for it, in PEM. A renewed file is in use within a minute.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key, in PEM.")
    private @Nullable Path key;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            split = ",",
            description =
                    "What callers know this machine by: in the self-made certificate, and where --redirect-port sends to."
                            + " Can be repeated. Default: the address of --host.")
    private @Nullable List<String> names;

    @Option(
            names = "--redirect-port",
            paramLabel = "PORT",
            description = "A second port, without TLS, that sends callers to the first, such as 80.")
    private @Nullable Integer redirectPort;

    boolean given() {
        return tls;
    }

    /** What was asked for; null for plain HTTP. */
    @Nullable
    TlsSettings settings(NetworkOptions network) {
        if (!tls) {
            if (certificate != null || key != null || names != null || redirectPort != null) {
                throw new CliException(
                        ExitCodes.USAGE,
                        "--tls-certificate, --tls-key, --tls-name and --redirect-port are for --tls, which is missing");
            }
            return null;
        }
        if (redirectPort != null) {
            Bounds.check("--redirect-port", redirectPort, 0, 65_535);
        }
        List<String> known = new ArrayList<>(names == null ? List.of() : names);
        if (!network.everyAddress()) {
            known.add(network.host());
        }
        if (redirectPort != null && known.isEmpty()) {
            throw new CliException(
                    ExitCodes.USAGE,
                    "--redirect-port needs --tls-name, the name to send callers to, with --host " + network.host());
        }
        return new TlsSettings(files(), known, redirectPort);
    }

    private TlsSettings.@Nullable Files files() {
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            throw new CliException(ExitCodes.USAGE, "--tls-certificate and --tls-key are given together");
        }
        return new TlsSettings.Files(certificate, key);
    }
}
