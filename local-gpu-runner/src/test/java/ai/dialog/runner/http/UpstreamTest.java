package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.functions.remote.RemoteSettings;
import ai.dialog.runner.upstream.UpstreamInference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with no model of its own in front of another one, which has a fake of one. */
class UpstreamTest {

    private static final String FRONT_KEY = "a-key-of-the-front";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path back;
    private Path front;

    @BeforeEach
    void folders() {
        back = folder.resolve("back");
        front = folder.resolve("front");
    }

    private static UpstreamInference upstream(URI address, @Nullable String model, Duration probe) {
        return new UpstreamInference(new RemoteSettings(
                address,
                model,
                () -> TestServer.KEY,
                new RemoteSettings.Timeouts(Duration.ofSeconds(5), PATIENCE, PATIENCE, probe),
                new RemoteSettings.Retries(2, Duration.ofMillis(10)),
                RemoteSettings.DEFAULT_MAX_EVENT_BYTES));
    }

    private static UpstreamInference upstream(TestServer server) {
        return upstream(URI.create(server.url("/")), null, PATIENCE);
    }

    private RunnerServer serve(UpstreamInference inference) {
        var settings =
                ServerSettings.defaults(front).withAddress("127.0.0.1", 0).withApiKey(FRONT_KEY);
        return RunnerServer.start(settings, inference);
    }

    private static HttpResponse<String> call(RunnerServer server, String path, @Nullable String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + FRONT_KEY)
                .header("Content-Type", "application/json");
        request = body == null ? request.GET() : request.POST(BodyPublishers.ofString(body));
        try (var client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static void awaitStatus(UpstreamInference inference, Readiness.Status status) {
        await().atMost(PATIENCE).until(() -> inference.readiness().status() == status);
    }

    @Test
    void theUpstreamsAnswerAndModelsAreGivenOn_andItSeesItsOwnKey() throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(model);
                var server = serve(inference)) {
            awaitStatus(inference, Readiness.Status.HEALTHY);

            var whole = TestServer.json(
                    call(server, "/v1/chat/completions", TestServer.CHAT).body());
            assertThat(whole.path("choices")
                            .path(0)
                            .path("message")
                            .path("content")
                            .asString())
                    .isEqualTo("Paris is the capital of France.");
            assertThat(whole.path("model").asString()).isEqualTo("fake-135m");
            assertThat(whole.path("usage").path("prompt_tokens").asInt()).isEqualTo(7);
            assertThat(call(server, "/v1/models", null).body()).contains("fake-135m");
            assertThat(call(server, "/health", null).statusCode()).isEqualTo(200);
            assertThat(call(server, "/v1/chat/completions", TestServer.STREAM).body())
                    .contains("Paris ", "data: [DONE]");
        }
    }

    @Test
    void toolsGoToTheUpstreamAndItsCallsComeBack_wholeAndStreamed() throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(model);
                var server = serve(inference)) {
            awaitStatus(inference, Readiness.Status.HEALTHY);
            model.inference.calls = request ->
                    List.of(new ToolCall("call_1", "now", "{\"zone\":\"Ö\"}"), new ToolCall("call_2", "now", "{}"));
            var body = """
                    {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"a",
                     "type":"function","function":{"name":"now","arguments":"{}"}}]},
                     {"role":"tool","tool_call_id":"a","content":"noon"}],
                     "tools":[{"type":"function","function":{"name":"now","description":"The time.","strict":true,
                     "parameters":{"type":"object","properties":{"zone":{"type":"string"}}}}}],
                     "tool_choice":%s,"parallel_tool_calls":false,"stream":%s}""";

            var whole = TestServer.json(call(server, "/v1/chat/completions", body.formatted("\"required\"", false))
                    .body());
            assertThat(whole.at("/choices/0/message").toString()).isEqualTo("""
                            {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":\
                            {"name":"now","arguments":"{\\"zone\\":\\"Ö\\"}"}},{"id":"call_2","type":"function",\
                            "function":{"name":"now","arguments":"{}"}}],"refusal":null}""");
            assertThat(whole.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
            var asked = model.inference.requests.remove();
            assertThat(asked.tools())
                    .isEqualTo(new ToolUse(
                            List.of(new Tool(
                                    "now",
                                    "The time.",
                                    "{\"type\":\"object\",\"properties\":{\"zone\":{\"type\":\"string\"}}}",
                                    true)),
                            ToolChoice.REQUIRED,
                            false));
            assertThat(asked.prompt())
                    .isEqualTo(new Prompt.Conversation(List.of(
                            new Prompt.Message("user", "hi"),
                            new Prompt.Message("assistant", "", List.of(new ToolCall("a", "now", "{}")), null),
                            new Prompt.Message("tool", "noon", List.of(), "a"))));

            var named = "{\"type\":\"function\",\"function\":{\"name\":\"now\"}}";
            assertThat(call(server, "/v1/chat/completions", body.formatted(named, true))
                            .body())
                    .contains("\"id\":\"call_1\"", "\"id\":\"call_2\"", "\"finish_reason\":\"stop\"", "data: [DONE]");
            assertThat(model.inference.requests.remove().tools().choice()).isEqualTo(new ToolChoice.Named("now"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TestServer.STREAM, TestServer.CHAT})
    void aClientThatLeavesStopsTheGenerationUpstream(String body) throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(model);
                var server = serve(inference)) {
            model.inference.endless = true;
            model.inference.pause = Duration.ofMillis(20);
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                var head = TestServer.head("/v1/chat/completions", "Content-Length: " + body.length())
                        .replace(TestServer.KEY, FRONT_KEY);
                TestServer.write(socket, head + body);
                await().atMost(PATIENCE).until(() -> model.inference.active.get() == 1);
            }
            assertThat(model.inference.firstCancel.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anUpstreamThatIsDownIs503_andHealthSaysSo() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (var inference = upstream(URI.create("http://127.0.0.1:" + port), null, PATIENCE);
                var server = serve(inference)) {
            var answer = call(server, "/v1/chat/completions", TestServer.CHAT);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(TestServer.code(answer)).isEqualTo("service_unavailable");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();

            awaitStatus(inference, Readiness.Status.UNHEALTHY);
            var health = call(server, "/health", null);
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("cannot be reached").doesNotContain(Integer.toString(port));
        }
    }

    @Test
    void whileTheUpstreamIsSilentHealthAndModelsStillAnswer() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var inference = upstream(
                        URI.create("http://127.0.0.1:" + silent.getLocalPort()), "named", Duration.ofHours(1));
                var server = serve(inference)) {
            assertThat(call(server, "/health", null).statusCode()).isEqualTo(503);
            assertThat(call(server, "/v1/models", null).body()).contains("named");
        }
    }

    @Test
    void theUpstreamsRefusalOfARequestIsToldAndItsFullQueueIs429() throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(model);
                var server = serve(inference)) {
            model.inference.failure =
                    new InferenceException(InferenceException.Kind.CONTEXT_LENGTH_EXCEEDED, "The prompt is too long.");
            var tooLong = call(server, "/v1/chat/completions", TestServer.CHAT);
            assertThat(tooLong.statusCode()).isEqualTo(400);
            assertThat(TestServer.code(tooLong)).isEqualTo("context_length_exceeded");

            model.inference.failure = new InferenceException(
                    InferenceException.Kind.OVERLOADED, "Full.", null, Duration.ofHours(1), null);
            assertThat(call(server, "/v1/chat/completions", TestServer.CHAT).statusCode())
                    .isEqualTo(429);
        }
    }

    @Test
    void aRequestForTheDefaultAsksForTheModelThatTheSettingsName() throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(URI.create(model.url("/v1")), "fake-135m", PATIENCE);
                var server = serve(inference)) {
            assertThat(call(server, "/v1/chat/completions", TestServer.CHAT).statusCode())
                    .isEqualTo(200);
            assertThat(Objects.requireNonNull(model.inference.requests.peek()).model())
                    .isEqualTo("fake-135m");
        }
    }

    @Test
    void drainingRefusesNewRequests_andTellsWhetherTheAcceptedOnesHaveEnded() throws Exception {
        try (var model = new TestServer(back);
                var inference = upstream(model);
                var server = serve(inference)) {
            awaitStatus(inference, Readiness.Status.HEALTHY);
            model.inference.endless = true;
            model.inference.pause = Duration.ofMillis(20);
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                var head = TestServer.head("/v1/chat/completions", "Content-Length: " + TestServer.STREAM.length())
                        .replace(TestServer.KEY, FRONT_KEY);
                TestServer.write(socket, head + TestServer.STREAM);
                await().atMost(PATIENCE).until(() -> model.inference.active.get() == 1);

                assertThat(inference.drain(Duration.ZERO)).isFalse();
                var refused = call(server, "/v1/chat/completions", TestServer.CHAT);
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                assertThat(call(server, "/health", null).body()).contains("shutting down");
            }
            assertThat(inference.drain(PATIENCE)).isTrue();
        }
    }
}
