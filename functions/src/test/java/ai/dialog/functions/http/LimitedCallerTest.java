package ai.dialog.functions.http;

import static ai.dialog.functions.http.GatewayRig.request;
import static ai.dialog.functions.http.GatewayRig.with;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.FileKeyStore;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.limits.HandClock;
import ai.dialog.functions.limits.MemoryMeter;
import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.MeterSettings;
import ai.dialog.functions.limits.Prices;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;

/** Keys and tokens with limits, over HTTP: headers, 429 and 402. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitedCallerTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":3}";
    private static final String STREAM = QUESTION.replace("}],", "}],\"stream\":true,");

    // 17 seconds are left of the minute
    private static final HandClock CLOCK = new HandClock("2026-03-31T12:00:43Z");

    /** The meter by the test's clock, so that no minute ends in the middle of a test; a token costs a dollar. */
    @Configuration(proxyBeanMethods = false)
    static class Metering {
        @Bean
        Meter meter() {
            return new MemoryMeter(CLOCK);
        }

        @Bean
        MeterSettings meterSettings() {
            return new MeterSettings(Prices.parse(List.of("org/fake-model=1000000/1000000")), 1000);
        }
    }

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path folder;

    private KeyLifecycle life;
    private GatewayRig rig;

    @BeforeAll
    void start() {
        var store = new FileKeyStore(folder.resolve("api-keys.json"), InstantSource.system());
        life = new KeyLifecycle(store, InstantSource.system());
        rig = new GatewayRig(store, Metering.class);
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @BeforeEach
    void reset() {
        rig.inference().reset();
    }

    private String key(Limits limits) {
        return life.create(new KeySpec("ann", "ann", Scope.ALL, Duration.ofDays(90), Restrictions.NONE, limits))
                .secret();
    }

    private static Limits budget(int dollars) {
        return new Limits(null, null, null, Usd.of(new BigDecimal(dollars)), null);
    }

    private GatewayRig.Answer send(String credential, String path, String body) {
        return rig.send(asked(credential, path, body));
    }

    private static HttpRequest asked(String credential, String path, String body) {
        return with(request("POST", path, body), "authorization", "Bearer " + credential);
    }

    @Test
    void aKeyWithoutLimitsHasNoSuchHeaders() {
        assertThat(send(key(Limits.NONE), CHAT, QUESTION).headers().keySet())
                .noneMatch(name -> name.contains("ratelimit"));
    }

    @Test
    void theHeadersTellWhatIsLeft() {
        String key = key(new Limits(2, 10_000, null, null, null));
        for (String body : new String[] {QUESTION, STREAM}) {
            var answer = send(key, CHAT, body);
            assertThat(answer.status()).isEqualTo(200);
            boolean first = body.equals(QUESTION);
            assertThat(answer.headers())
                    .containsEntry("x-ratelimit-limit-requests", "2")
                    .containsEntry("x-ratelimit-remaining-requests", first ? "1" : "0")
                    .containsEntry("x-ratelimit-reset-requests", "17s")
                    .containsEntry("x-ratelimit-limit-tokens", "10000")
                    .containsEntry("x-ratelimit-reset-tokens", "17s")
                    .containsEntry("ratelimit-policy", "\"requests\";q=2;w=60, \"tokens\";q=10000;w=60");
            // the request's most: 512 and 16 for the template, "user", "Hi", 3 to generate; then 4 were used of it
            assertThat(answer.headers())
                    .containsEntry("x-ratelimit-remaining-tokens", String.valueOf(first ? 9463 : 9463 - 4))
                    .containsEntry(
                            "ratelimit",
                            "\"requests\";r=%d;t=17, \"tokens\";r=%d;t=17"
                                    .formatted(first ? 1 : 0, first ? 9463 : 9459));
        }
    }

    @Test
    void beyondTheRateTheAnswerIs429AlsoForAStream() {
        String key = key(new Limits(1, null, null, null, null));
        assertThat(send(key, CHAT, QUESTION).status()).isEqualTo(200);
        for (String body : new String[] {QUESTION, STREAM}) {
            var answer = send(key, CHAT, body);
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.headers())
                    .containsEntry("retry-after", "17")
                    .containsEntry("x-ratelimit-remaining-requests", "0")
                    .containsEntry("content-type", "application/json");
            assertThat(answer.error().get("type").stringValue()).isEqualTo("rate_limit_error");
            assertThat(answer.error().get("code").stringValue()).isEqualTo("rate_limit_exceeded");
            assertThat(answer.error().get("message").stringValue()).contains("1 requests per minute");
        }
        assertThat(rig.inference().requests()).hasSize(1);
    }

    @Test
    void aRequestLargerThanTheLimitIsNotToldToComeBack() {
        var answer = send(key(new Limits(null, 100, null, null, null)), CHAT, QUESTION);
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.headers()).doesNotContainKey("retry-after");
        assertThat(answer.error().get("message").stringValue()).startsWith("Request too large");
    }

    @Test
    void aSpentBudgetIs402AndSaysWhenItStartsAnew() {
        // the bound is 534 of prompt and 3 of completion, and 1 and 3 are used
        String key = key(budget(540));
        assertThat(send(key, CHAT, QUESTION).status()).isEqualTo(200);
        for (String body : new String[] {QUESTION, STREAM}) {
            var answer = send(key, CHAT, body);
            assertThat(answer.status()).isEqualTo(402);
            assertThat(answer.headers()).doesNotContainKey("retry-after");
            assertThat(answer.error().get("type").stringValue()).isEqualTo("insufficient_quota");
            assertThat(answer.error().get("code").stringValue()).isEqualTo("insufficient_quota");
            assertThat(answer.error().get("message").stringValue())
                    .contains("daily budget", "$540", "$536 is left", "$537", "2026-04-01T00:00:00Z");
        }
    }

    @Test
    void aModelWithoutAPriceIsNothingForABudget() {
        var answer = send(key(budget(540)), CHAT, QUESTION.replaceFirst("\\{", "{\"model\":\"another\","));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(rig.inference().requests()).isEmpty();
    }

    @Test
    void aCallerThatLeavesGetsItsPlaceAndItsMoneyBack() throws InterruptedException {
        String key = key(new Limits(null, null, 1, Usd.of(new BigDecimal(600)), null));
        var left = new CountDownLatch(1);
        rig.inference()
                .behave(asked -> Flux.concat(
                                Flux.just(
                                        new CompletionChunk.Begun(5),
                                        new CompletionChunk.Delta(0, "Once", List.of(), 2)),
                                Flux.<CompletionChunk>never())
                        .doOnCancel(left::countDown));
        var response = GatewayRig.handle(rig.gateway(), asked(key, CHAT, STREAM));
        assertThat(send(key, CHAT, QUESTION).status()).isEqualTo(402);
        response.body().subscribe().dispose();
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        rig.inference().reset();
        assertThat(send(key, CHAT, QUESTION).status()).isEqualTo(200);
    }

    @Test
    void whileARequestRunsTheNextHasToWait() {
        String key = key(new Limits(null, null, 1, null, null));
        rig.inference()
                .behave(asked -> Flux.concat(
                        Flux.just(new CompletionChunk.Delta(0, "Once", List.of())), Flux.<CompletionChunk>never()));
        var response = GatewayRig.handle(rig.gateway(), asked(key, CHAT, STREAM));
        var answer = send(key, CHAT, QUESTION);
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.headers()).containsEntry("retry-after", "1");
        response.body().subscribe().dispose();
    }

    @Test
    void aTokenHasALimitOfItsOwnBesideItsKeys() {
        String key = key(new Limits(3, null, null, null, null));
        String narrow = send(key, "/v1/tokens", "{\"requests_per_minute\":1}")
                .json()
                .get("token")
                .stringValue();
        var first = send(narrow, CHAT, QUESTION);
        assertThat(first.headers()).containsEntry("x-ratelimit-limit-requests", "1");
        assertThat(send(narrow, CHAT, QUESTION).status()).isEqualTo(429);
        assertThat(send(key, CHAT, QUESTION).headers()).containsEntry("x-ratelimit-remaining-requests", "1");
    }

    @Test
    void aBadRequestCountsForNothing() {
        String key = key(new Limits(1, null, null, null, null));
        assertThat(send(key, CHAT, "{\"messages\":[]}").status()).isEqualTo(400);
        assertThat(send(key, CHAT, QUESTION).status()).isEqualTo(200);
    }

    @Test
    void browsersMayReadTheHeaders() {
        var gateway = rig.gateway(new GatewaySettings("chat", 1000, Set.of("https://page.example"), null));
        var asked = with(
                asked(key(new Limits(9, null, null, null, null)), CHAT, QUESTION), "origin", "https://page.example");
        var headers = GatewayRig.handle(gateway, asked).headers();
        assertThat(headers.get("access-control-expose-headers"))
                .contains(headers.keySet().stream()
                        .filter(name -> name.contains("ratelimit"))
                        .toList());
    }
}
