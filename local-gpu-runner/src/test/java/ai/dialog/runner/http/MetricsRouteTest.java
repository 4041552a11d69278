package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.Cidr;
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
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET /metrics}: what it says and to whom. */
class MetricsRouteTest {

    @TempDir
    Path folder;

    @Test
    void onLoopbackItIsOpenAndHasTheFiguresOfAChat() {
        try (var server = new TestServer(folder)) {
            assertThat(server.post("/v1/chat/completions", TestServer.CHAT).statusCode())
                    .isEqualTo(200);

            var answer = server.send(server.request("/metrics")
                    .setHeader("Authorization", "none")
                    .GET());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type"))
                    .contains("text/plain; version=0.0.4; charset=utf-8");
            assertThat(answer.body())
                    .contains("ai_dialog_first_token_seconds_count 1", "ai_dialog_max_batch_size 32.0")
                    .contains("ai_dialog_request_seconds_count{route=\"/v1/chat/completions\",status=\"200\"} 1");
            assertThat(server.send(server.request("/metrics").HEAD()).body()).isEmpty();
            assertThat(server.post("/metrics", "").statusCode()).isEqualTo(405);
        }
    }

    @Test
    void noLabelComesFromACaller() {
        try (var server = new TestServer(folder)) {
            server.get("/secret-path-of-a-caller");
            server.get("/v1/models/secret-model");
            server.send(server.request("/metrics").method("SECRET", BodyPublishers.noBody()));

            assertThat(server.get("/metrics").body())
                    .contains("route=\"/v1/models/{id}\"")
                    .doesNotContainIgnoringCase("secret");
        }
    }

    @Test
    void beyondThisMachineOnlyAKeyWithTheScopeReadsIt() {
        var given = new FileKeyStore(AccessSettings.of(folder, null).apiKeysFile(), InstantSource.system());
        var user = key(given, Scope.ALL);
        var scraper = key(given, Set.of(Scope.METRICS));
        try (var server = new TestServer(
                folder, settings -> settings.withAddress("0.0.0.0", 0).withApiKey(null))) {
            assertThat(asked(server, "Bearer wrong").statusCode()).isEqualTo(401);
            var refused = asked(server, "Bearer " + user);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("metrics").doesNotContain("ai_dialog_");
            assertThat(asked(server, "Bearer " + scraper).body()).contains("ai_dialog_active_slots");
            assertThat(server.send(server.request("/v1/chat/completions")
                                    .setHeader("Authorization", "Bearer " + scraper)
                                    .POST(BodyPublishers.ofString(TestServer.CHAT)))
                            .statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void behindAProxyOnThisMachineAKeyIsNeededToo() {
        var callers = new ServerSettings.Callers(null, List.of(Cidr.of("127.0.0.1/32")), Set.of());
        try (var server = new TestServer(folder, settings -> settings.withCallers(callers))) {
            assertThat(asked(server, "Bearer wrong").statusCode()).isEqualTo(401);
            assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
        }
    }

    private static String key(FileKeyStore store, Set<String> scopes) {
        return new KeyLifecycle(store, InstantSource.system())
                .create(new KeySpec("ann", "ann", scopes, Duration.ofDays(1), Restrictions.NONE, Limits.NONE))
                .secret();
    }

    private static HttpResponse<String> asked(TestServer server, String authorization) {
        return server.send(server.request("/metrics")
                .setHeader("Authorization", authorization)
                .GET());
    }
}
