package ai.dialog.runner.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** The certificates of a PEM file, as the only ones that a call to a service trusts. What else is in the file is not read. */
final class TrustedCertificates {

    /** A few hundred certificates; no list for one service is longer. */
    private static final int LARGEST_FILE_BYTES = 1 << 20;

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----[^-]{1,100000}-----END CERTIFICATE-----");

    private TrustedCertificates() {}

    /** Sockets that connect to nobody else. */
    static SSLSocketFactory of(Path file) {
        try {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            var encoded = new ByteArrayInputStream(certificates(file).getBytes(StandardCharsets.US_ASCII));
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(encoded)) {
                trusted.setCertificateEntry("trusted-" + trusted.size(), certificate);
            }
            if (trusted.size() == 0) {
                throw new CliException(ExitCodes.USAGE, "--ca-file: " + file + " has no certificate in PEM");
            }
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException | GeneralSecurityException e) {
            throw new CliException(ExitCodes.USAGE, "--ca-file: cannot use " + file + ": " + ErrorText.reason(e));
        }
    }

    private static String certificates(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            var text = new String(in.readNBytes(LARGEST_FILE_BYTES), StandardCharsets.ISO_8859_1);
            return CERTIFICATE.matcher(text).results().map(MatchResult::group).collect(Collectors.joining("\n"));
        }
    }
}
