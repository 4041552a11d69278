package ai.dialog.runner.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.springframework.boot.ssl.pem.PemContent;

/**
 * A private key and the certificates that say whose it is.
 *
 * @param chain the key's own certificate first
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {

    /** A chain of certificates has some ten thousand bytes. */
    private static final long MAX_BYTES = 1024 * 1024;

    Identity {
        chain = List.copyOf(chain);
    }

    /**
     * Reads and checks an identity.
     *
     * @throws IllegalStateException where it cannot be used at this time; the message names the file
     */
    static Identity read(Path certificate, Path key, Instant now) {
        var chain = certificates(certificate);
        var identity = new Identity(privateKey(key), chain);
        var own = chain.getFirst();
        if (now.isAfter(own.getNotAfter().toInstant())) {
            throw new IllegalStateException("The certificate in %s expired at %s. Renew it."
                    .formatted(certificate, own.getNotAfter().toInstant()));
        }
        if (now.isBefore(own.getNotBefore().toInstant())) {
            throw new IllegalStateException("The certificate in %s is not valid before %s. Check the clock."
                    .formatted(certificate, own.getNotBefore().toInstant()));
        }
        if (!belongTogether(identity.key(), own.getPublicKey())) {
            throw new IllegalStateException(
                    "The key in %s is not that of the certificate in %s. Give the two that belong together."
                            .formatted(key, certificate));
        }
        return identity;
    }

    private static List<X509Certificate> certificates(Path file) {
        try {
            var read = PemContent.of(text(file)).getCertificates();
            if (read != null && !read.isEmpty()) {
                return read;
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw unreadable(file, "a certificate", e);
        }
        throw unreadable(file, "a certificate", null);
    }

    private static PrivateKey privateKey(Path file) {
        try {
            var read = PemContent.of(text(file)).getPrivateKey();
            if (read != null) {
                return read;
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw unreadable(file, "a private key", e);
        }
        throw unreadable(file, "a private key", null);
    }

    private static IllegalStateException unreadable(
            Path file, String what, @org.jspecify.annotations.Nullable Exception cause) {
        if (cause instanceof UnreadableFile known) {
            return known;
        }
        return new IllegalStateException(
                "%s has not %s in PEM that can be read (without a password).".formatted(file, what), cause);
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UnreadableFile(
                        "%s is larger than %d bytes, and no PEM file".formatted(file, MAX_BYTES), null);
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UnreadableFile("There is no file " + file, e);
        } catch (IOException e) {
            throw new UnreadableFile("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A signature by the one is verified with the other. */
    private static boolean belongTogether(PrivateKey key, PublicKey certified) {
        try {
            String algorithm = switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> key.getAlgorithm();
            };
            byte[] some = new byte[32];
            new SecureRandom().nextBytes(some);
            var signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(some);
            byte[] signature = signing.sign();
            var verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certified);
            verifying.update(some);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** SHA-256 of the certificate, as browsers and openssl show it. */
    String fingerprint() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(chain.getFirst().getEncoded());
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("A certificate that was read can be written", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Identity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }

    /** Its message says it all. */
    private static final class UnreadableFile extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        UnreadableFile(String message, @org.jspecify.annotations.Nullable Exception cause) {
            super(message, cause);
        }
    }
}
