package ai.dialog.runner.cli;

import java.nio.file.Path;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom a command that calls a service over HTTPS trusts. */
final class CaOption {

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description =
                    "Trust the certificates in this PEM file and no others, such as a copy of the certificate in the tls.pem"
                            + " of a service that made its own. Default: those that Java trusts.")
    private @Nullable Path file;

    /** Null for Java's own. */
    @Nullable
    SSLSocketFactory trusted() {
        return file == null ? null : TrustedCertificates.of(file);
    }
}
