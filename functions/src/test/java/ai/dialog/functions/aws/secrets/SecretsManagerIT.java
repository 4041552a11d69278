package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.access.Principal;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Keys in a real Secrets Manager API, which really calls the deployed function to rotate them. */
class SecretsManagerIT {

    private static final String NO_KEYS = "{\"keys\":[]}";
    private static final InstantSource CLOCK = InstantSource.system();
    private static final Duration A_WHILE = Duration.ofMinutes(3);
    private static final Duration SHORT = Duration.ofSeconds(6);
    private static final long GRACE_SECONDS = 5;
    private static final Freshness QUICK = new Freshness(
            Duration.ofMillis(200),
            Duration.ofMillis(400),
            Duration.ofHours(1),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60));
    private static final JsonMapper JSON = JsonMapper.shared();

    @SuppressWarnings("NullAway.Init")
    private static LocalStack aws;

    @SuppressWarnings("NullAway.Init")
    private static String apiKeys;

    @SuppressWarnings("NullAway.Init")
    private static String signingKeys;

    @SuppressWarnings("NullAway.Init")
    private static String publicKeys;

    @SuppressWarnings("NullAway.Init")
    private static String rotation;

    @BeforeAll
    static void start() throws IOException {
        aws = new LocalStack();
        apiKeys = aws.secret("api-keys", NO_KEYS);
        signingKeys = aws.secret("signing-keys", NO_KEYS);
        publicKeys = aws.secret("public-keys", NO_KEYS);
        rotation = aws.function(
                "rotation",
                "RotationHandler",
                Map.of(
                        "API_KEYS_SECRET_ARN",
                        apiKeys,
                        "SIGNING_KEYS_SECRET_ARN",
                        signingKeys,
                        "PUBLIC_KEYS_SECRET_ARN",
                        publicKeys,
                        "ROTATION_GRACE_SECONDS",
                        Long.toString(GRACE_SECONDS),
                        "ROTATION_PROPAGATION_SECONDS",
                        "1",
                        "SIGNING_HEAD_START_SECONDS",
                        "2"));
    }

    @AfterAll
    static void stop() {
        // without Docker there is none, and that is told already
        if (aws != null) {
            aws.close();
        }
    }

    @Test
    void aKeyIsReadFromTheSecretAndRefusedWithinTheRefreshTimeOnceItIsRevoked() {
        String arn = aws.secret("revoked/api-keys", NO_KEYS);
        String text = NewKey.newText();
        try (var operator = SecretKeyStore.onRequest(aws.client, arn, QUICK, CLOCK)) {
            var lifecycle = new KeyLifecycle(operator, CLOCK);
            var key = lifecycle.adopt(text, KeySpec.of("ann"));
            var service = access(arn, null);
            await().atMost(A_WHILE).until(() -> isLetIn(service, text));
            assertThat(aws.text(arn)).contains(key.id()).doesNotContain(text);
            lifecycle.revoke(key.id());
            await().atMost(A_WHILE).until(() -> isRefused(service, text));
        }
    }

    @Test
    void rotateSecretRunsTheFourStepsForACallersKeyAndTheOldOneIsGoodUntilItsGraceEnds() throws IOException {
        String caller = aws.secret("callers/ann", "{\"owner\":\"ann\",\"api_key\":\"made by CloudFormation\"}");
        var service = access(apiKeys, null);
        String first = rotated(caller);
        await().atMost(A_WHILE).until(() -> isLetIn(service, first));
        String second = rotated(caller);
        assertThat(second).isNotEqualTo(first);
        await().atMost(A_WHILE).until(() -> isLetIn(service, second));
        var old = authenticate(service, first);
        var fresh = authenticate(service, second);
        assertThat(fresh.owner()).isEqualTo("ann");
        assertThat(fresh.quotas()).isEqualTo(old.quotas());
        assertThat(old.expires()).isBeforeOrEqualTo(CLOCK.instant().plusSeconds(GRACE_SECONDS));
        await().atMost(A_WHILE).until(() -> isRefused(service, first));
        assertThat(CLOCK.instant()).isAfterOrEqualTo(old.expires());
        assertThat(isLetIn(service, second)).isTrue();
        assertThat(aws.text(apiKeys)).doesNotContain(first).doesNotContain(second);
        theDeployedFunctionsLetItIn(second);
    }

    /** The token function makes a token of the key, and a verifier with public keys alone takes it. */
    private static void theDeployedFunctionsLetItIn(String key) throws IOException {
        aws.rotate(signingKeys, rotation);
        await().atMost(A_WHILE).until(() -> !aws.text(signingKeys).equals(NO_KEYS));
        aws.function(
                "token",
                "TokenHandler",
                Map.of(
                        "INFERENCE_URL", "http://127.0.0.1:9",
                        "API_KEYS_SECRET_ARN", apiKeys,
                        "SIGNING_KEYS_SECRET_ARN", signingKeys));
        // until the function has read its secrets, for which a busy machine may take its time, it refuses with 503
        await().atMost(A_WHILE)
                .until(() ->
                        tokenFor("sk-wrong-0123456789abcdef").path("statusCode").intValue() == 401);
        var answer = tokenFor(key);
        assertThat(answer.path("statusCode").intValue()).as(answer.toString()).isEqualTo(200);
        String token =
                JSON.readTree(answer.path("body").stringValue()).path("token").stringValue();
        var verifier = access(apiKeys, publicKeys);
        await().atMost(A_WHILE).until(() -> isLetIn(verifier, token));
        aSigningKeyIsRotatedAndTheOldOnesTokensAreGood(verifier, token);
    }

    private static void aSigningKeyIsRotatedAndTheOldOnesTokensAreGood(Access verifier, String token) {
        String before = aws.text(signingKeys);
        aws.rotate(signingKeys, rotation);
        await().atMost(A_WHILE).until(() -> !aws.text(signingKeys).equals(before));
        var pairs = JwkSet.parse(aws.text(signingKeys).getBytes(StandardCharsets.UTF_8), signingKeys);
        var published = JwkSet.parsePublic(aws.text(publicKeys).getBytes(StandardCharsets.UTF_8), publicKeys);
        assertThat(pairs.described(CLOCK.instant())).hasSize(2);
        assertThat(published.described(CLOCK.instant()))
                .extracting(JwkSet.Described::kid)
                .isEqualTo(pairs.described(CLOCK.instant()).stream()
                        .map(JwkSet.Described::kid)
                        .toList());
        assertThat(isLetIn(verifier, token)).isTrue();
    }

    @Test
    void anOutageIsServedFromTheLastGoodCopyForABoundedTimeAndThenNobodyIsLetIn() {
        String arn = aws.secret("outage/api-keys", NO_KEYS);
        String text = NewKey.newText();
        try (var service = SecretKeyStore.inBackground(aws.client, arn, QUICK.withOutage(SHORT), CLOCK)) {
            new KeyLifecycle(service, CLOCK).adopt(text, KeySpec.of("ann"));
            aws.pause();
            try {
                assertThat(service.byText(text)).isNotNull();
                await().atMost(A_WHILE).until(() -> isUnavailable(service, text));
            } finally {
                aws.goOn();
            }
            await().atMost(A_WHILE).until(() -> !isUnavailable(service, text));
            assertThat(service.byText(text)).isNotNull();
        }
    }

    private static boolean isUnavailable(SecretKeyStore keys, String text) {
        try {
            return keys.byText(text) == null;
        } catch (AccessException refusal) {
            return refusal.kind() == AccessException.Kind.UNAVAILABLE;
        }
    }

    private static Access access(String arn, @Nullable String publicArn) {
        return CloudAccess.open(aws.client, new CloudAccess.Secrets(arn, null, publicArn), QUICK, CLOCK);
    }

    private static Principal authenticate(Access access, String credential) {
        return access.authenticate(
                Map.of("authorization", List.of("Bearer " + credential)), InetAddress.getLoopbackAddress());
    }

    private static boolean isLetIn(Access access, String credential) {
        return refusal(access, credential) == null;
    }

    private static boolean isRefused(Access access, String credential) {
        var refusal = refusal(access, credential);
        return refusal != null && refusal.kind() == AccessException.Kind.UNAUTHENTICATED;
    }

    private static @Nullable AccessException refusal(Access access, String credential) {
        return catchThrowableOfType(AccessException.class, () -> authenticate(access, credential));
    }

    /** The caller's key after one more rotation. */
    private static String rotated(String caller) {
        String before = aws.text(caller);
        aws.rotate(caller, rotation);
        await().atMost(A_WHILE).until(() -> !aws.text(caller).equals(before));
        return JSON.readTree(aws.text(caller)).path("api_key").stringValue();
    }

    private static ObjectNode tokenFor(String key) throws IOException {
        var event = (ObjectNode) JSON.readTree(Files.readString(Path.of("../events/token.json")));
        event.putObject("headers").put("authorization", "Bearer " + key).put("content-type", "application/json");
        event.remove("multiValueHeaders");
        return (ObjectNode) Objects.requireNonNull(JSON.readTree(aws.call("token", event.toString())));
    }
}
