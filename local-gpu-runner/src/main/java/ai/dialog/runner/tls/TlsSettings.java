package ai.dialog.runner.tls;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the server proves who it is.
 *
 * @param given the certificate to use; null for a self-made one
 * @param names what callers know the server by, beside localhost and this machine's own name; the first is where callers without
 *     TLS are sent
 * @param redirectPort where a second listener, without TLS, sends callers to the first; null for none, 0 for any free port
 */
public record TlsSettings(
        @Nullable Files given, List<String> names, @Nullable Integer redirectPort) {

    /**
     * A certificate in files.
     *
     * @param certificate PEM, the server's own first, then those that vouch for it
     * @param key PEM: PKCS#8, or RSA's or EC's own form
     */
    public record Files(Path certificate, Path key) {}

    public TlsSettings {
        names = List.copyOf(names);
        if (redirectPort != null && (redirectPort < 0 || redirectPort > 65_535)) {
            throw new IllegalArgumentException("The port must be between 0 and 65535, but is " + redirectPort + ".");
        }
        if (redirectPort != null && names.isEmpty()) {
            throw new IllegalArgumentException(
                    "A redirection needs the name to send callers to. Give it with --tls-name.");
        }
    }
}
