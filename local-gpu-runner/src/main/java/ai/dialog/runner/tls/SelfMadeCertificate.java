package ai.dialog.runner.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that nobody but this machine vouches for: callers compare its fingerprint, or are given its file. Its key (P-256) is
 * kept beside it in {@code tls.pem}, which only its owner can read, so that the fingerprint stays the same over restarts.
 */
final class SelfMadeCertificate {

    /** The longest that browsers take (CA/Browser Forum, baseline requirements 6.3.2, until 2026). */
    private static final Duration LIFETIME = Duration.ofDays(397);

    /** Before its end another is made. */
    private static final Duration RENEWED_BEFORE = Duration.ofDays(30);

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    private final Path file;
    private final Set<String> names;

    SelfMadeCertificate(Path folder, List<String> more) {
        this.file = folder.toAbsolutePath().resolve("tls.pem");
        this.names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        own().ifPresent(names::add);
        for (String name : more) {
            if (!ADDRESS.matcher(name).matches() && !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("'" + name + "' is neither a host's name nor an address.");
            }
            names.add(name);
        }
    }

    private static java.util.Optional<String> own() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return NAME.matcher(name).matches() ? java.util.Optional.of(name) : java.util.Optional.empty();
        } catch (UnknownHostException e) {
            return java.util.Optional.empty();
        }
    }

    Path file() {
        return file;
    }

    /**
     * The kept one, or a new one where there is none, it is about to end, or lacks a name.
     *
     * @throws IllegalStateException where the kept file cannot be read
     * @throws UncheckedIOException where it cannot be written
     */
    Identity open(Instant now) {
        if (Files.exists(file)) {
            try {
                var kept = Identity.read(file, file, now);
                if (!isDue(kept, now) && namesOf(kept).containsAll(normal(names))) {
                    return kept;
                }
            } catch (IllegalStateException e) {
                if (!Files.isReadable(file)) {
                    throw e;
                }
                // nobody but this program made it: one that is broken or over is made again
            }
        }
        make(now);
        return Identity.read(file, file, now);
    }

    boolean isDue(Identity identity, Instant now) {
        return !now.plus(RENEWED_BEFORE)
                .isBefore(identity.chain().getFirst().getNotAfter().toInstant());
    }

    private static Set<String> namesOf(Identity identity) {
        X509Certificate certificate = identity.chain().getFirst();
        try {
            var names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Set.of()
                    : normal(names.stream()
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.toSet()));
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    /** One spelling for each address. */
    private static Set<String> normal(Set<String> names) {
        return names.stream()
                .map(name -> ADDRESS.matcher(name).matches()
                        ? InetAddress.ofLiteral(name).getHostAddress()
                        : name)
                .collect(Collectors.toSet());
    }

    private void make(Instant now) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var pair = generator.generateKeyPair();
            write(pem(pair, certificate(pair, now)));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("Cannot make a certificate", e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    private X509Certificate certificate(KeyPair pair, Instant now)
            throws IOException, OperatorCreationException, GeneralSecurityException {
        var subject = new X500Name("CN=AI dialog service");
        var names = this.names.stream()
                .map(name -> new GeneralName(
                        ADDRESS.matcher(name).matches() ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
        // an hour for clocks that are behind
        var from = now.minus(Duration.ofHours(1));
        var builder = new JcaX509v3CertificateBuilder(
                        subject,
                        new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
                        Date.from(from),
                        Date.from(from.plus(LIFETIME)),
                        subject,
                        pair.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    private static String pem(KeyPair pair, X509Certificate certificate) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(new JcaPKCS8Generator(pair.getPrivate(), null));
            writer.writeObject(certificate);
        }
        return text.toString();
    }

    private void write(String pem) throws IOException {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IOException(file + " is not in a folder");
        }
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
        // a temporary file is its owner's alone from the beginning
        Path fresh = Files.createTempFile(folder, ".tls-", ".tmp");
        try {
            Files.writeString(fresh, pem);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
