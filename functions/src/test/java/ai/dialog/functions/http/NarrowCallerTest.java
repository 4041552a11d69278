package ai.dialog.functions.http;

import static ai.dialog.functions.http.GatewayRig.request;
import static ai.dialog.functions.http.GatewayRig.with;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.FakeInference;
import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.access.FileKeyStore;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and tokens that may do less than everything, over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NarrowCallerTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    private FileKeyStore store;
    private KeyLifecycle life;
    private GatewayRig rig;

    @BeforeAll
    void start() {
        store = new FileKeyStore(folder.resolve("api-keys.json"), InstantSource.system());
        life = new KeyLifecycle(store, InstantSource.system());
        rig = new GatewayRig(store);
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private String key(Duration lifetime, Restrictions restrictions, Limits limits) {
        return life.create(new KeySpec("ann", "ann", Scope.ALL, lifetime, restrictions, limits))
                .secret();
    }

    private String key(Restrictions restrictions) {
        return key(Duration.ofDays(90), restrictions, Limits.NONE);
    }

    private GatewayRig.Answer send(String credential, String method, String path, String body) {
        return rig.send(with(request(method, path, body), "authorization", "Bearer " + credential));
    }

    private GatewayRig.Answer sendFrom(String address, String credential, String path, String body) {
        var headers = with(request("POST", path, body), "authorization", "Bearer " + credential)
                .headers();
        return rig.send(new HttpRequest(
                "POST", path, headers, address, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8))));
    }

    private String token(String key, String body) {
        var made = send(key, "POST", "/v1/tokens", body);
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        return made.json().get("token").stringValue();
    }

    private static String chat(String fields) {
        return QUESTION.substring(0, QUESTION.length() - 1) + "," + fields + "}";
    }

    @Test
    void aModelThatTheKeyMayNotAskForDoesNotExistForIt() {
        String other = key(new Restrictions(Set.of("another"), null, null));
        for (String body : List.of(QUESTION, chat("\"model\":\"org/fake-model\""), chat("\"model\":\"default\""))) {
            var answer = send(other, "POST", CHAT, body);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.error().get("code").stringValue()).isEqualTo("model_not_found");
            assertThat(answer.error().get("param").stringValue()).isEqualTo("model");
        }
        assertThat(send(other, "POST", "/v1/completions", "{\"prompt\":\"a\"}").status())
                .isEqualTo(404);
        assertThat(send(other, "GET", "/v1/models", "").json().get("data")).isEmpty();
        assertThat(send(other, "GET", "/v1/models/" + FakeInference.MODEL.id(), "")
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "org/fake-model"})
    void theDefaultModelHasTwoNamesAndOneIsEnough(String allowed) {
        String key = key(new Restrictions(Set.of(allowed), null, null));
        assertThat(send(key, "POST", CHAT, QUESTION).status()).isEqualTo(200);
        assertThat(send(key, "POST", CHAT, chat("\"model\":\"org/fake-model\"")).status())
                .isEqualTo(200);
        assertThat(send(key, "GET", "/v1/models", "").json().get("data")).hasSize(1);
    }

    @Test
    void maxTokensHoldsForWhatIsAskedAndForWhatIsNot() {
        String key = key(new Restrictions(null, 10, null));
        for (String field : List.of("max_tokens", "max_completion_tokens")) {
            var answer = send(key, "POST", CHAT, chat("\"" + field + "\":11"));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.error().get("param").stringValue()).isEqualTo(field);
            assertThat(send(key, "POST", CHAT, chat("\"" + field + "\":10")).status())
                    .isEqualTo(200);
        }
        assertThat(send(key, "POST", CHAT, QUESTION).status()).isEqualTo(200);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(10);
        assertThat(send(key, "POST", CHAT, chat("\"min_tokens\":11")).status()).isEqualTo(400);

        var text = send(key, "POST", "/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":11}");
        assertThat(text.status()).isEqualTo(400);
        assertThat(send(key, "POST", "/v1/completions", "{\"prompt\":\"a\"}").status())
                .isEqualTo(200);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(10);
        String wide = key(new Restrictions(null, 1_000, null));
        assertThat(send(wide, "POST", "/v1/completions", "{\"prompt\":\"a\"}").status())
                .isEqualTo(200);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(16);
    }

    @Test
    void aTokenIsHeldToWhatItWasMadeWith() {
        String key = key(Restrictions.NONE);
        String token = token(
                key, "{\"max_tokens\":5,\"models\":[\"org/fake-model\"],\"cidrs\":[\"192.0.2.0/24\",\"2001:db8::1\"]}");
        assertThat(sendFrom("192.0.2.7", token, CHAT, QUESTION).status()).isEqualTo(200);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(5);
        assertThat(sendFrom("2001:db8::1", token, CHAT, QUESTION).status()).isEqualTo(200);
        assertThat(sendFrom("192.0.2.7", token, CHAT, chat("\"max_tokens\":6")).status())
                .isEqualTo(400);
        assertThat(sendFrom("192.0.2.7", token, CHAT, chat("\"model\":\"other\""))
                        .status())
                .isEqualTo(404);
        assertThat(sendFrom("192.0.3.7", token, CHAT, QUESTION).status()).isEqualTo(403);
        assertThat(sendFrom("192.0.3.7", key, CHAT, chat("\"max_tokens\":600")).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "max_tokens          | 101",
                "models              | ['small','large']",
                "models              | ['default']",
                "cidrs               | ['192.0.0.0/16']",
                "cidrs               | ['192.0.2.0/25','::/0']",
                "requests_per_minute | 61",
                "tokens_per_minute   | 1001",
                "concurrent_requests | 3"
            })
    void aTokenIsNeverWiderThanItsKey(String field, String value) {
        String key = key(
                Duration.ofDays(90),
                new Restrictions(Set.of("small"), 100, List.of(Cidr.of("192.0.2.0/24"))),
                new Limits(60, 1_000, 2, null, null));
        var answer = sendFrom("192.0.2.1", key, "/v1/tokens", "{\"" + field + "\":" + value.replace('\'', '"') + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error().get("param").stringValue()).isEqualTo(field);
        assertThat(answer.error().get("message").stringValue()).contains("wider than its key");
        assertThat(sendFrom(
                                "192.0.2.1",
                                key,
                                "/v1/tokens",
                                "{\"max_tokens\":100,\"models\":[\"small\"],\"cidrs\":[\"192.0.2.128/25\"],"
                                        + "\"requests_per_minute\":60,\"tokens_per_minute\":1000,\"concurrent_requests\":2}")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "max_tokens            | 0",
                "max_tokens            | '5'",
                "max_tokens            | 1.5",
                "max_tokens            | 2147483648",
                "requests_per_minute   | 0",
                "tokens_per_minute     | -1",
                "concurrent_requests   | 0",
                "models                | []",
                "models                | 'small'",
                "models[1]             | ['small',5]",
                "models[0]             | ['']",
                "cidrs                 | []",
                "cidrs                 | {}",
                "cidrs[0]              | ['10.0.0.1/8']",
                "cidrs[0]              | ['example.org']",
                "max_token             | 5",
                "scope                 | 'everything'"
            })
    void aFieldThatCannotBeIsRefusedByItsName(String field, String value) {
        String name = field.replaceFirst("\\[.*", "");
        var answer = rig.send(with(
                request("POST", "/v1/tokens", "{\"" + name + "\":" + value.replace('\'', '"') + "}"),
                "authorization",
                "Bearer " + key(Restrictions.NONE)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error().get("param").stringValue()).isEqualTo(field);
    }

    /** What counts as blank differs from language to language; what is empty does not. */
    @ParameterizedTest
    @ValueSource(strings = {" ", "\\u001e", "\\u00a0"})
    void aBlankNameIsTheNameOfNoModel(String name) {
        String key = key(Restrictions.NONE);
        assertThat(send(key, "POST", "/v1/tokens", "{\"models\":[\"" + name + "\"]}")
                        .status())
                .isEqualTo(200);
        assertThat(send(key, "POST", CHAT, "{\"model\":\"" + name + "\"," + QUESTION.substring(1))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aTokenThatWouldCrowdTheHeaderIsRefused() {
        var names = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            names.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("x".repeat(250))
                    .append('"');
        }
        var answer = send(key(Restrictions.NONE), "POST", "/v1/tokens", "{\"models\":[" + names + "]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().get("message").stringValue()).contains("fewer models");
        var many = send(key(Restrictions.NONE), "POST", "/v1/tokens", "{\"models\":[" + names + "," + "\"one more\"]}");
        assertThat(many.error().get("param").stringValue()).isEqualTo("models");
    }

    @Test
    void whoseKeyEndsSoonIsToldOnEveryAnswer() {
        var soon = life.create(KeySpec.of("ann")).key().id();
        var made = life.rotate(soon, Duration.ofDays(7), Duration.ofDays(13));
        String ends = made.key().expires().truncatedTo(ChronoUnit.SECONDS).toString();
        String token = token(made.secret(), "{}");
        for (String credential : List.of(made.secret(), token)) {
            assertThat(send(credential, "POST", CHAT, QUESTION).headers()).containsEntry("x-key-expires", ends);
            assertThat(send(credential, "POST", CHAT, "{").status()).isEqualTo(400);
            assertThat(send(credential, "POST", CHAT, "{").headers()).containsEntry("x-key-expires", ends);
            assertThat(send(credential, "GET", "/v1/models", "").headers()).containsEntry("x-key-expires", ends);
        }
        assertThat(Instant.parse(ends)).isBefore(Instant.now().plus(Duration.ofDays(13)));
        String late = key(Duration.ofDays(15), Restrictions.NONE, Limits.NONE);
        assertThat(send(late, "POST", CHAT, QUESTION).headers()).doesNotContainKey("x-key-expires");
        assertThat(send("no key", "POST", CHAT, QUESTION).headers()).doesNotContainKey("x-key-expires");
        assertThat(send(made.secret(), "GET", "/health", "").headers()).doesNotContainKey("x-key-expires");
    }

    @Test
    void aRotatedKeyIsToldItsGrace() {
        var made = life.create(KeySpec.of("ann"));
        assertThat(send(made.secret(), "GET", "/v1/models", "").headers()).doesNotContainKey("x-key-expires");
        life.rotate(made.key().id(), Duration.ofDays(7), null);
        assertThat(Instant.parse(
                        send(made.secret(), "GET", "/v1/models", "").headers().getOrDefault("x-key-expires", "")))
                .isBefore(Instant.now().plus(Duration.ofDays(7)));
    }
}
