package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.Bounded;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Any text as the Authorization header: a principal comes out for a credential of ours only, else an {@link AccessException}.
 * An input that begins with {@code s} is a token's header and claims with U+001E between, signed with our own key, as if the
 * signer were led astray. In all inputs U+0001 to U+0003 stand for the parts of a good token, U+0004 for a good key, U+0005
 * for the signing key's id and U+0006 for the API key's.
 */
class AuthorizationFuzzTest {

    private static final String KEY = "sk-dialog-abcdefghijkl-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";

    private final TestClock clock = new TestClock();
    private final VerificationKeys keys = SigningKeys.inMemory(clock);
    private final FixedKeyStore store = new FixedKeyStore(KEY, clock.instant());
    private final Access access = new Access(store, new Tokens(keys, "test", "test", clock), clock);
    private final Principal owner = access.authenticate(header("Bearer " + KEY), InetAddress.getLoopbackAddress());
    private final String token =
            access.tokens().issue(owner, Duration.ofHours(1)).token();

    private ECKey signing() {
        return Objects.requireNonNull(keys.current().signing(clock.instant()));
    }

    private static Map<String, List<String>> header(String value) {
        return Map.of("authorization", List.of(value));
    }

    @FuzzTest(maxDuration = "10m")
    void anyHeaderIsRefusedUnlessItsCredentialIsOurs(byte[] data) {
        String text = filled(new String(data, StandardCharsets.UTF_8));
        boolean signed = text.startsWith("s");
        String value = signed ? "Bearer " + signed(text.substring(1)) : text.substring(Math.min(1, text.length()));
        var accepted = new Principal[1];
        Bounded.run(text.length(), 256, 16, () -> accepted[0] = authenticated(value));
        if (accepted[0] == null) {
            return;
        }
        var principal = accepted[0];
        assertThat(principal.keyId()).isEqualTo(owner.keyId());
        assertThat(owner.scopes()).containsAll(principal.scopes());
        if (principal.credential() == Principal.Credential.TOKEN) {
            assertThat(principal.scopes()).doesNotContain(Scope.TOKENS);
            assertThat(principal.expires())
                    .isAfter(clock.instant().minusSeconds(31))
                    .isBefore(clock.instant().plus(Tokens.MAX_LIFETIME).plusSeconds(61));
        }
        if (!signed) {
            assertThat(value.substring("Bearer ".length()).strip()).isIn(KEY, token);
        }
    }

    private @Nullable Principal authenticated(String value) {
        try {
            return access.authenticate(header(value), InetAddress.getLoopbackAddress());
        } catch (AccessException refused) {
            assertThat(refused).message().isNotBlank().doesNotContain(KEY, token);
            return null;
        }
    }

    private String filled(String text) {
        String[] parts = token.split("\\.", -1);
        return text.replace("\u0001", parts[0])
                .replace("\u0002", parts[1])
                .replace("\u0003", parts[2])
                .replace("\u0004", KEY)
                .replace("\u0005", signing().getKeyID())
                .replace("\u0006", owner.keyId());
    }

    private String signed(String text) {
        String[] parts = text.split("\u001e", 2);
        String content = Base64URL.encode(parts[0]) + "." + Base64URL.encode(parts.length == 1 ? "" : parts[1]);
        try {
            var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(signing().toPrivateKey());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException | JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
