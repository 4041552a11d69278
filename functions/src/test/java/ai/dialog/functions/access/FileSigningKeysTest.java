package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing keys as they are kept, rotated and taken away. */
class FileSigningKeysTest {

    private static final Duration HEAD_START = Duration.ofMinutes(5);

    private final TestClock clock = new TestClock();

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("signing-keys.json");
    }

    private Principal ann() {
        var end = clock.instant().plus(Duration.ofDays(90));
        return new Principal(
                "key1", "ann", "ann", Scope.ALL, Principal.Credential.API_KEY, end, end, Restrictions.NONE, List.of());
    }

    private Tokens tokens(VerificationKeys keys) {
        return new Tokens(keys, "i", "a", clock);
    }

    private String signer(JwkSet set) {
        return set.described(clock.instant()).stream()
                .filter(JwkSet.Described::signs)
                .map(JwkSet.Described::kid)
                .findFirst()
                .orElse("none");
    }

    @Test
    void theyAreMadeOnceAndReadAgain() throws IOException {
        var first = new FileSigningKeys(file(), clock).current();
        var second = new FileSigningKeys(file(), clock).current();
        assertThat(second).isEqualTo(first);
        assertThat(first.publicText()).contains(signer(first)).doesNotContain("\"d\"");
        assertThat(first.toString()).isEqualTo("JwkSet[" + signer(first) + "]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void aNewKeyIsPublishedBeforeItSignsAndTheOldOneVerifiesUntilItsLastTokenHasEnded() {
        var keys = new FileSigningKeys(file(), clock);
        var tokens = tokens(keys);
        String old = signer(keys.current());
        keys.change(set -> set.rotated(clock.instant(), HEAD_START));
        assertThat(keys.current().described(clock.instant())).hasSize(2).allMatch(JwkSet.Described::verifies);
        assertThat(signer(keys.current())).isEqualTo(old);
        clock.forward(HEAD_START.minusSeconds(1));
        String lastOfTheOld = tokens.issue(ann(), Tokens.MAX_LIFETIME).token();
        clock.forward(Duration.ofSeconds(1));
        assertThat(signer(keys.current())).isNotEqualTo(old);
        String firstOfTheNew = tokens.issue(ann(), Tokens.MAX_LIFETIME).token();
        clock.forward(Tokens.MAX_LIFETIME.minusSeconds(1));
        assertThat(tokens.verify(lastOfTheOld).keyId()).isEqualTo("key1");
        assertThat(tokens.verify(firstOfTheNew).keyId()).isEqualTo("key1");
        clock.forward(Duration.ofSeconds(61));
        assertThat(keys.current().described(clock.instant()))
                .filteredOn(JwkSet.Described::verifies)
                .singleElement()
                .matches(JwkSet.Described::signs);
        keys.change(set -> set.rotated(clock.instant(), HEAD_START));
        assertThat(keys.current().described(clock.instant()))
                .extracting(JwkSet.Described::kid)
                .hasSize(2)
                .doesNotContain(old);
    }

    @Test
    void aRotationThatIsRepeatedBeforeTheNewKeySignsChangesNothing() {
        var keys = new FileSigningKeys(file(), clock);
        keys.change(set -> set.rotated(clock.instant(), HEAD_START));
        var once = keys.current();
        keys.change(set -> set.rotated(clock.instant(), HEAD_START));
        assertThat(keys.current()).isEqualTo(once);
        clock.forward(HEAD_START);
        keys.change(set -> set.rotated(clock.instant(), HEAD_START));
        assertThat(keys.current().described(clock.instant())).hasSize(3);
    }

    @Test
    void keysBeyondTheMostAreRefusedAndNothingChanges() {
        var keys = new FileSigningKeys(file(), clock);
        for (int i = 1; i < JwkSet.MAX_KEYS; i++) {
            keys.change(set -> set.rotated(clock.instant(), Duration.ZERO));
            clock.forward(Duration.ofSeconds(1));
        }
        assertThatThrownBy(() -> keys.change(set -> set.rotated(clock.instant(), Duration.ZERO)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 to 32");
        assertThat(keys.current().described(clock.instant())).hasSize(JwkSet.MAX_KEYS);
    }

    @Test
    void aReplacedKeyTakesItsTokensWithItWithinASecondInEveryProcess() {
        var here = new FileSigningKeys(file(), clock);
        var there = tokens(new FileSigningKeys(file(), clock));
        String token = tokens(here).issue(ann(), Duration.ofHours(1)).token();
        assertThat(there.verify(token).keyId()).isEqualTo("key1");
        here.change(set -> set.replaced(clock.instant()));
        clock.forward(Duration.ofSeconds(1));
        assertThatThrownBy(() -> there.verify(token))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("not valid here");
    }

    @Test
    void publicKeysAloneVerifyAndMakeNoTokens() {
        var signing = new FileSigningKeys(file(), clock);
        var published =
                JwkSet.parsePublic(signing.current().publicText().getBytes(StandardCharsets.UTF_8), "jwks.json");
        var verifier = tokens(() -> published);
        String token = tokens(signing).issue(ann(), Duration.ofHours(1)).token();
        assertThat(verifier.verify(token).keyId()).isEqualTo("key1");
        assertThatThrownBy(() -> verifier.issue(ann(), Duration.ofHours(1)))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("public keys alone");
    }

    @Test
    void aVerifierTakesNoPrivateKeysAndLeavesOutWhatItCannotUse() {
        var set = JwkSet.generate(clock.instant());
        assertThatThrownBy(() -> JwkSet.parsePublic(set.bytes(), "jwks.json"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("jwks.json has private keys");
        String mixed = set.publicText()
                .replace(
                        "\"keys\":[",
                        "\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"e\",\"x\":"
                                + "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"odd\"},");
        assertThat(JwkSet.parsePublic(mixed.getBytes(StandardCharsets.UTF_8), "jwks.json")
                        .described(clock.instant()))
                .hasSize(1);
    }

    @Test
    void aFileThatIsNoneSaysSoAndNotWhatIsInIt() throws IOException {
        String twice = new String(JwkSet.generate(clock.instant()).bytes(), StandardCharsets.UTF_8)
                .replaceFirst("\\[(\\{.*})]", "[$1,$1]");
        for (String content : List.of(
                "",
                "{}",
                "{\"keys\":[]}",
                "{\"keys\":{}}",
                "[]",
                "null",
                "private-content",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
                JwkSet.generate(clock.instant()).publicText(),
                twice,
                "x".repeat(JwkSet.MAX_BYTES + 1))) {
            Files.writeString(file(), content);
            Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> new FileSigningKeys(file(), clock))
                    .as(content)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("signing-keys.json")
                    .hasMessageNotContaining("private-content")
                    .hasMessageNotContaining("\"d\"")
                    .hasNoCause();
        }
    }

    @Test
    void aFileThatTurnsBadLeavesTheLastGoodKeysInForce() throws IOException {
        var keys = new FileSigningKeys(file(), clock);
        var before = keys.current();
        Files.writeString(file(), "{\"keys\":[{");
        clock.forward(Duration.ofSeconds(2));
        assertThat(keys.current()).isEqualTo(before);
        Files.delete(file());
        clock.forward(Duration.ofSeconds(2));
        assertThat(keys.current()).isEqualTo(before);
    }
}
