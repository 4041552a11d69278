package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.http.ApiError;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SecretKeyStoreTest {

    private static final String ARN = "arn:keys";

    private final MovableClock clock = new MovableClock();
    private final FakeSecretsManager aws = new FakeSecretsManager(clock);

    SecretKeyStoreTest() {
        aws.create(ARN, "{\"keys\":[]}");
    }

    private SecretKeyStore store() {
        return SecretKeyStore.onRequest(aws, ARN, Freshness.DEFAULT, clock);
    }

    private String made(SecretKeyStore store) {
        String text = NewKey.newText();
        new KeyLifecycle(store, clock).adopt(text, KeySpec.of("ann"));
        return text;
    }

    @Test
    void aKeyIsFoundByItsTextAndItsIdAndTheSecretHasOnlyItsHash() {
        try (var store = store()) {
            String text = made(store);
            var key = Objects.requireNonNull(store.byText(text));
            assertThat(store.byId(key.id())).isEqualTo(key);
            assertThat(store.byText("sk-other")).isNull();
            assertThat(store.byText(NewKey.newText())).isNull();
            assertThat(store.all()).containsExactly(key);
            assertThat(aws.text(ARN)).contains(key.id()).doesNotContain(text);
        }
    }

    @Test
    void aKeyThatIsRevokedElsewhereIsSeenWithinAMinute() {
        try (var store = store();
                var other = store()) {
            String text = made(other);
            clock.forward(Duration.ofSeconds(50));
            assertThat(store.byText(text)).isNotNull();
            new KeyLifecycle(other, clock).revoke(Objects.requireNonNull(NewKey.idOf(text)));
            clock.forward(Duration.ofSeconds(50));
            assertThat(Objects.requireNonNull(store.byText(text)).revoked()).isNotNull();
        }
    }

    @Test
    void inAnOutageKnownKeysAreGoodAndOfANewOneItCannotBeTold() {
        try (var store = store()) {
            String text = made(store);
            aws.setDown(true);
            clock.forward(Duration.ofMinutes(30));
            assertThat(store.byText(text)).isNotNull();
            assertThat(store.byText("eyJ.some.token")).isNull();
            assertUnavailable(() -> store.byText(NewKey.newText()));
            assertUnavailable(() -> store.byId("unknown"));
            clock.forward(Duration.ofMinutes(30));
            assertUnavailable(() -> store.byText(text));
        }
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatExceptionOfType(AccessException.class).isThrownBy(call).satisfies(refusal -> {
            var error = ApiError.of(refusal, "req_1");
            assertThat(error.status()).isEqualTo(503);
            assertThat(error.headers()).containsKey("retry-after");
        });
    }

    @Test
    void aSecretThatTurnsBadLeavesTheLastGoodKeysInForce() {
        try (var store = store()) {
            String text = made(store);
            new StoredSecret(aws, ARN).change(keys -> "no document");
            clock.forward(Duration.ofMinutes(5));
            assertThat(store.byText(text)).isNotNull();
            assertThatIllegalStateException().isThrownBy(() -> made(store)).withMessageContaining(ARN);
        }
    }

    @Test
    void anOperatorSeesEachChangeAtOnceAndWhatAwsSaysOfAFailure() {
        try (var store = store();
                var operator = new OperatorKeys(aws, ARN)) {
            String text = made(store);
            var key = Objects.requireNonNull(operator.byText(text));
            assertThat(operator.all()).containsExactly(key);
            new KeyLifecycle(operator, clock).revoke(key.id());
            assertThat(Objects.requireNonNull(operator.byId(key.id())).revoked())
                    .isNotNull();
            aws.setDown(true);
            assertThatIllegalStateException()
                    .isThrownBy(operator::all)
                    .withMessageContaining(ARN)
                    .withMessageContaining("cut off");
        }
    }

    @Test
    void tokensOfThePairsAreVerifiedWithThePublicHalvesAlone() {
        var pairs = JwkSet.generate(clock.instant());
        aws.create("arn:pairs", new String(pairs.bytes(), StandardCharsets.UTF_8));
        aws.create("arn:public", pairs.publicText());
        try (var store = store()) {
            String text = made(store);
            var signer =
                    CloudAccess.open(aws, new CloudAccess.Secrets(ARN, "arn:pairs", null), Freshness.DEFAULT, clock);
            var verifier =
                    CloudAccess.open(aws, new CloudAccess.Secrets(ARN, null, "arn:public"), Freshness.DEFAULT, clock);
            var caller = signer.authenticate(bearer(text), InetAddress.getLoopbackAddress());
            String token = signer.tokens().issue(caller, Duration.ofHours(1)).token();
            assertThat(verifier.authenticate(bearer(token), InetAddress.getLoopbackAddress())
                            .keyId())
                    .isEqualTo(caller.keyId());
            assertThatExceptionOfType(AccessException.class)
                    .isThrownBy(() -> verifier.tokens().issue(caller, Duration.ofHours(1)));
        }
    }

    private static Map<String, List<String>> bearer(String credential) {
        return Map.of("authorization", List.of("Bearer " + credential));
    }
}
