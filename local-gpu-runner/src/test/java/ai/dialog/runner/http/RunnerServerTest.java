package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.inference.Readiness;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunnerServerTest {

    @TempDir
    static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void healthIs503WhileTheModelLoadsAnd200WhenItHas() {
        server.inference.status = Readiness.Status.LOADING;
        var loading = server.get("/health");
        server.inference.status = Readiness.Status.HEALTHY;
        var healthy = server.get("/health");

        assertThat(loading.statusCode()).isEqualTo(503);
        assertThat(TestServer.json(loading.body()).path("status").asString()).isEqualTo("loading");
        assertThat(healthy.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(healthy.body()).path("status").asString()).isEqualTo("healthy");
    }

    @Test
    void aChatIsAnsweredWhole() {
        var answer = server.post("/v1/chat/completions", TestServer.CHAT);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(answer.body())
                        .at("/choices/0/message/content")
                        .asString())
                .isEqualTo(server.inference.answer);
    }

    @Test
    void aStreamedChatEndsInDone() {
        var answer = server.post("/v1/chat/completions", TestServer.STREAM);

        assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(answer.body()).contains("\"Paris \"").endsWith("data: [DONE]\n\n");
    }

    @Test
    void everyEventIsSentWhenItIsMadeAndNotLater() throws Exception {
        server.inference.endless = true;
        server.inference.pause = java.time.Duration.ofMillis(50);
        try (var socket = server.connect()) {
            TestServer.write(
                    socket,
                    TestServer.head("/v1/chat/completions", "Content-Length: " + TestServer.STREAM.length())
                            + TestServer.STREAM);

            // the answer never ends, so this arrives only if nothing waits for the end
            assertThat(TestServer.readUntil(socket, "\"France.\"")).contains("\"Paris \"");
        } finally {
            server.inference.endless = false;
            server.inference.pause = java.time.Duration.ZERO;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/app.js", "/health", "/v1/models", "/nope", "/functions/models"})
    void everyAnswerCarriesTheSecurityHeaders(String path) {
        var headers = server.get(path).headers();

        assertThat(headers.firstValue("content-security-policy"))
                .contains("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                        + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(headers.allValues("x-content-type-options")).containsExactly("nosniff");
        assertThat(headers.allValues("cache-control")).hasSize(1);
        assertThat(headers.firstValue("referrer-policy")).contains("no-referrer");
        assertThat(headers.map()).doesNotContainKeys("server", "x-powered-by", "access-control-allow-origin");
    }

    @Test
    void thePageIsServedAndNotSentTwice() {
        var first = server.get("/");
        var tag = first.headers().firstValue("etag").orElseThrow();
        var second = server.send(server.request("/").header("If-None-Match", tag));

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.headers().firstValue("content-type")).contains("text/html;charset=UTF-8");
        assertThat(first.body()).contains("<title>AI dialog</title>");
        assertThat(second.statusCode()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
    }

    @Test
    void everyFileThatThePageNamesIsThere() {
        var page = server.get("/").body();
        var scripts = List.of("/app.js", "/api.js", "/store.js", "/view.js", "/markdown.js", "/theme.js");

        assertThat(page).contains("/theme.js", "/app.js", "/style.css", "/icon.svg");
        for (var script : scripts) {
            assertThat(server.get(script).headers().firstValue("content-type"))
                    .contains("text/javascript;charset=UTF-8");
        }
        assertThat(server.get("/style.css").statusCode()).isEqualTo(200);
        assertThat(server.get("/icon.svg").headers().firstValue("content-type"))
                .contains("image/svg+xml;charset=UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nope",
                "/index.html",
                "/page/index.html",
                "/../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/v1",
                "/v1/nope",
                "/health/x",
                "/.well-known/nope",
                "/actuator",
                "/favicon.ico"
            })
    void anUnknownPathIs404WithAnErrorObject(String path) {
        var answer = server.get(path);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(TestServer.code(answer)).isEqualTo("unknown_url");
        assertThat(answer.body()).doesNotContain("etc", "passwd", "java");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/health", "/v1/models", "/.well-known/jwks.json", "/functions/models", "/functions/health"
            })
    void headIsGetWithoutTheBody(String path) {
        var head = server.send(server.request(path).method("HEAD", BodyPublishers.noBody()));
        var get = server.get(path);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("content-type"))
                .isEqualTo(get.headers().firstValue("content-type"));
        assertThat(server.send(server.request("/v1/chat/completions").method("HEAD", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void optionsSayWhatAPathAnswers() {
        var page = server.send(server.request("/").method("OPTIONS", BodyPublishers.noBody()));
        var chat = server.send(server.request("/v1/chat/completions").method("OPTIONS", BodyPublishers.noBody()));

        assertThat(page.statusCode()).isEqualTo(204);
        assertThat(String.join(",", page.headers().allValues("allow"))).contains("GET", "HEAD");
        assertThat(chat.statusCode()).isEqualTo(204);
        assertThat(chat.headers().firstValue("allow").orElse("")).contains("POST");
    }

    @Test
    void anotherMethodOnThePageIs405() {
        var answer = server.post("/", "{}");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(TestServer.code(answer)).isEqualTo("method_not_allowed");
        assertThat(String.join(",", answer.headers().allValues("allow"))).contains("GET");
    }

    @Test
    void aPortInUseNamesTheProcessAndTheOptionAndMakesNoKey(@TempDir Path own) {
        var settings = ServerSettings.defaults(own).withAddress("127.0.0.1", server.server.port());

        assertThatThrownBy(() -> RunnerServer.start(settings, new FakeInference()))
                .isInstanceOf(PortInUse.class)
                .hasMessageMatching("Address already in use: 127\\.0\\.0\\.1:" + server.server.port()
                        + " is taken by .+ \\(pid " + ProcessHandle.current().pid()
                        + "\\)\\. Choose another with --port\\.");
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void aKeyThatCannotBeOneIsRefusedInItsOwnWords() {
        var settings =
                ServerSettings.defaults(folder).withAddress("127.0.0.1", 0).withApiKey("short");

        assertThatThrownBy(() -> RunnerServer.start(settings, new FakeInference()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("API_KEY");
    }

    @Test
    void anAddressThatCannotBeListenedOnIsToldWithTheOption() {
        var settings = ServerSettings.defaults(folder).withApiKey(TestServer.KEY);
        // RFC 5737: never an address of this machine; RFC 6761: never a name of anything
        var elsewhere = settings.withAddress("192.0.2.1", 0);
        var nowhere = settings.withAddress("nowhere.invalid", 0);

        assertThatThrownBy(() -> RunnerServer.start(elsewhere, new FakeInference()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Cannot listen on 192.0.2.1:0")
                .hasMessageContaining("--host");
        assertThatThrownBy(() -> RunnerServer.start(nowhere, new FakeInference()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere.invalid")
                .hasMessageContaining("--host");
    }

    @Test
    void withoutAKeyOneIsMadeAtTheFirstStartAndWorks(@TempDir Path own) {
        try (var first = new TestServer(own, settings -> settings.withApiKey(null))) {
            var made = Objects.requireNonNull(first.server.newKey());
            var answer = first.send(first.request("/v1/models").setHeader("Authorization", "Bearer " + made.secret()));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(first.get("/v1/models").statusCode()).isEqualTo(401);
        }
        try (var second = new TestServer(own, settings -> settings.withApiKey(null))) {
            assertThat(second.server.newKey()).isNull();
        }
    }
}
