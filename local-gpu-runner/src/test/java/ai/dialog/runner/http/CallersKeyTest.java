package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.FileKeyStore;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller's own key makes of the answers, on both ways to the functions. */
class CallersKeyTest {

    @TempDir
    Path folder;

    private String key(Duration lifetime, Restrictions restrictions) {
        var store = new FileKeyStore(AccessSettings.of(folder, null).apiKeysFile(), InstantSource.system());
        return new KeyLifecycle(store, InstantSource.system())
                .create(new KeySpec("ann", "ann", Scope.ALL, lifetime, restrictions, Limits.NONE))
                .secret();
    }

    private TestServer server() {
        return new TestServer(folder, settings -> settings.withApiKey(null));
    }

    private static HttpResponse<String> get(TestServer server, String path, String credential) {
        return server.send(server.request(path)
                .setHeader("Authorization", "Bearer " + credential)
                .GET());
    }

    private static HttpResponse<String> post(TestServer server, String path, String credential, String body) {
        return server.send(server.request(path)
                .setHeader("Authorization", "Bearer " + credential)
                .POST(BodyPublishers.ofString(body)));
    }

    @Test
    void aKeyThatIsMadeWhileTheServerRunsIsGoodAtOnceAndItsEndIsTold() {
        try (var server = server()) {
            String key = key(Duration.ofDays(10), Restrictions.NONE);
            String latest = Instant.now()
                    .plus(Duration.ofDays(10))
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
            for (var answer : List.of(
                    get(server, "/v1/models", key),
                    get(server, "/functions/models", key),
                    post(server, "/v1/chat/completions", key, TestServer.STREAM),
                    post(server, "/functions/chat", key, TestServer.CHAT),
                    post(server, "/functions/chat", key, "{"))) {
                assertThat(answer.headers().allValues("x-key-expires"))
                        .as(answer.body())
                        .singleElement()
                        .satisfies(ends -> assertThat(ends).isLessThanOrEqualTo(latest));
            }
            String longer = key(Duration.ofDays(20), Restrictions.NONE);
            assertThat(get(server, "/functions/models", longer).headers().allValues("x-key-expires"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/functions/models"})
    void aCallerSeesTheModelsThatItsKeyMayAskFor(String path) {
        try (var server = server()) {
            String other = key(Duration.ofDays(90), new Restrictions(Set.of("another"), null, null));
            String all = key(Duration.ofDays(90), Restrictions.NONE);
            assertThat(get(server, path, other).body()).doesNotContain("fake-135m");
            assertThat(get(server, path, all).body()).contains("fake-135m");
        }
    }

    @Test
    void aNarrowTokenOfTheFunctionIsHeldToItsBounds() {
        try (var server = server()) {
            String key = key(Duration.ofDays(90), Restrictions.NONE);
            var made = post(server, "/functions/token", key, "{\"max_tokens\":3,\"cidrs\":[\"127.0.0.0/8\"]}");
            String token = TestServer.json(made.body()).path("token").asString();
            assertThat(post(server, "/functions/chat", token, TestServer.CHAT).statusCode())
                    .isEqualTo(200);
            assertThat(server.inference.requests)
                    .last()
                    .satisfies(request -> assertThat(request.maxTokens()).isEqualTo(3));
            var elsewhere = post(server, "/functions/token", key, "{\"cidrs\":[\"192.0.2.0/24\"]}");
            var refused = get(
                    server,
                    "/v1/models",
                    TestServer.json(elsewhere.body()).path("token").asString());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(post(server, "/functions/token", key, "{\"max_token\":3}")
                            .statusCode())
                    .isEqualTo(400);
        }
    }
}
