package ai.dialog.runner.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates: made, kept, renewed and refused. */
class TlsTest {

    private static final InstantSource CLOCK = InstantSource.system();
    private static final TlsSettings SELF_MADE = new TlsSettings(null, List.of("chat.example.org", "192.0.2.7"), null);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private Tls selfMade(InstantSource clock) {
        return Tls.open(SELF_MADE, folder, clock, Duration.ZERO);
    }

    /** A certificate and its key, both in the file that is given back. */
    private static Path made(Path folder, Instant when) {
        var made = new SelfMadeCertificate(folder, List.of());
        made.open(when);
        return made.file();
    }

    private static TlsSettings given(Path certificate, Path key) {
        return new TlsSettings(new TlsSettings.Files(certificate, key), List.of(), null);
    }

    @Test
    void theSelfMadeOneIsForThisMachineForAYearAtMost() throws Exception {
        selfMade(CLOCK);
        var certificate = Identity.read(folder.resolve("tls.pem"), folder.resolve("tls.pem"), Instant.now())
                .chain()
                .getFirst();

        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "chat.example.org", "192.0.2.7");
        assertThat(Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant()))
                .isLessThanOrEqualTo(Duration.ofDays(397));
        assertThat(certificate.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("tls.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theSelfMadeOneIsKeptUntilItIsAboutToEndOrLacksAName() {
        var first = selfMade(CLOCK).fingerprint();

        assertThat(selfMade(CLOCK).fingerprint()).isEqualTo(first);
        assertThat(selfMade(InstantSource.fixed(Instant.now().plus(Duration.ofDays(360))))
                        .fingerprint())
                .isEqualTo(first);
        assertThat(Tls.open(new TlsSettings(null, List.of("other.example.org"), null), folder, CLOCK)
                        .fingerprint())
                .isNotEqualTo(first);
        var second = selfMade(CLOCK).fingerprint();
        assertThat(selfMade(InstantSource.fixed(Instant.now().plus(Duration.ofDays(370))))
                        .fingerprint())
                .isNotEqualTo(second);
    }

    @Test
    void aSelfMadeOneThatEndsWhileTheServerRunsIsMadeAgain() {
        var now = new Instant[] {Instant.now()};
        var tls = selfMade(() -> now[0]);
        var first = tls.fingerprint();
        now[0] = now[0].plus(Duration.ofDays(380));

        assertThat(tls.fingerprint()).isNotEqualTo(first);
    }

    @Test
    void aSelfMadeOneThatIsBrokenIsMadeAgain() throws IOException {
        Files.writeString(folder.resolve("tls.pem"), "nonsense");

        assertThat(selfMade(CLOCK).fingerprint()).hasSize(95);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "*.example.org", "a\nb", "http://a", "999.1.1.1", "1:2"})
    void aNameThatIsNoneIsRefused(String name) {
        assertThatThrownBy(() -> Tls.open(new TlsSettings(null, List.of(name), null), folder, CLOCK))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRenewedFileComesIntoUseAndABrokenOneDoesNot(@TempDir Path other) throws IOException {
        var file = made(folder, Instant.now());
        var tls = Tls.open(given(file, file), folder, CLOCK, Duration.ZERO);
        var first = tls.fingerprint();

        replace(file, "-----BEGIN CERTIFICATE-----\nbroken");
        assertThat(tls.fingerprint()).isEqualTo(first);

        replace(file, Files.readString(made(other, Instant.now())));
        assertThat(tls.fingerprint()).isNotEqualTo(first);
    }

    private static void replace(Path file, String content) throws IOException {
        var later = FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() + 2_000);
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, later);
    }

    @Test
    void aCertificateThatCannotBeUsedIsRefusedWithWhyInOneLine(@TempDir Path other, @TempDir Path third)
            throws IOException {
        var good = made(folder, Instant.now());
        var another = made(other, Instant.now());
        var nonsense = Files.writeString(third.resolve("nonsense.pem"), "nonsense");
        var missing = third.resolve("missing.pem");
        var nextYear = InstantSource.fixed(Instant.now().plus(Duration.ofDays(400)));
        var lastYear = InstantSource.fixed(Instant.now().minus(Duration.ofDays(400)));

        refused(given(good, another), CLOCK, "is not that of the certificate", another.toString(), good.toString());
        refused(given(good, good), nextYear, "expired at", good.toString());
        refused(given(good, good), lastYear, "is not valid before", good.toString());
        refused(given(nonsense, good), CLOCK, "a certificate in PEM", nonsense.toString());
        refused(given(good, nonsense), CLOCK, "a private key in PEM", nonsense.toString());
        refused(given(missing, good), CLOCK, "There is no file", missing.toString());
    }

    private void refused(TlsSettings settings, InstantSource clock, String... says) {
        assertThatThrownBy(() -> Tls.open(settings, folder, clock))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(says)
                .message()
                .hasLineCount(1);
    }
}
