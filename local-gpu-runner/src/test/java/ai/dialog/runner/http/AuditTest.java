package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.runner.audit.AuditSettings;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the audit log says of each request, and what it never says. */
class AuditTest {

    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    Path folder;

    private TestServer server(boolean prompts, UnaryOperator<ServerSettings> change) {
        return new TestServer(
                folder,
                settings -> change.apply(settings.withAudit(AuditSettings.in(folder.resolve("audit.log"), prompts))));
    }

    private List<String> lines(int count) throws IOException {
        var file = folder.resolve("audit.log");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.readAllLines(file).size() >= count);
        return Files.readAllLines(file);
    }

    private JsonNode line() throws IOException {
        var lines = lines(1);
        assertThat(lines).hasSize(1);
        return TestServer.json(lines.getFirst());
    }

    @Test
    void aChatIsNotedWithItsCallerAndItsCost() throws IOException {
        try (var server = server(false, settings -> settings)) {
            var answer = server.post(CHAT, TestServer.CHAT);
            var line = line();

            assertThat(line.path("request_id").asString())
                    .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
            assertThat(line.path("address").asString()).isEqualTo("127.0.0.1");
            assertThat(line.path("method").asString()).isEqualTo("POST");
            assertThat(line.path("route").asString()).isEqualTo(CHAT);
            assertThat(line.path("status").asInt()).isEqualTo(200);
            assertThat(line.path("key_id").asString()).startsWith("env-");
            assertThat(line.path("owner").asString()).isEqualTo("local");
            assertThat(line.path("credential").asString()).isEqualTo("api_key");
            assertThat(line.path("model").asString()).isEqualTo("default");
            assertThat(line.path("prompt_tokens").asInt()).isEqualTo(7);
            assertThat(line.path("completion_tokens").asInt()).isEqualTo(6);
            assertThat(line.path("streamed").asBoolean()).isFalse();
            assertThat(line.path("client_left").asBoolean()).isFalse();
            assertThat(line.has("prompt")).isFalse();
            assertThat(line.has("answer")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({CHAT, "/functions/chat"})
    void aStreamIsNotedAtItsEndWithItsCost(String path) throws IOException {
        try (var server = server(false, settings -> settings)) {
            server.send(server.request(path)
                    .header("Accept", "text/event-stream")
                    .POST(BodyPublishers.ofString(TestServer.STREAM)));
            var line = line();

            assertThat(line.path("route").asString()).isEqualTo(path);
            assertThat(line.path("streamed").asBoolean()).isTrue();
            assertThat(line.path("completion_tokens").asInt()).isEqualTo(6);
            assertThat(line.path("client_left").asBoolean()).isFalse();
            assertThat(line.path("key_id").asString()).startsWith("env-");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {TestServer.STREAM, TestServer.CHAT})
    void aClientThatLeavesIsNoted(String body) throws Exception {
        try (var server = server(false, settings -> settings)) {
            server.inference.endless = true;
            server.inference.pause = Duration.ofMillis(20);
            var socket = server.connect();
            TestServer.write(socket, TestServer.head(CHAT, "Content-Length: " + body.length()) + body);
            await().atMost(Duration.ofSeconds(30)).until(() -> server.inference.active.get() == 1);
            socket.close();
            var line = line();

            assertThat(line.path("client_left").asBoolean()).isTrue();
            assertThat(line.path("route").asString()).isEqualTo(CHAT);
            assertThat(line.has("completion_tokens")).isFalse();
        }
    }

    private record Refused(
            String path,
            String key,
            int status,
            @Nullable String code,
            @Nullable String reason,
            @Nullable String route) {}

    private static final List<Refused> REFUSED = List.of(
            new Refused("/v1/models", "wrong-key", 401, "invalid_api_key", "Incorrect API key provided.", "/v1/models"),
            new Refused(
                    "/functions/models",
                    "wrong-key",
                    401,
                    "invalid_api_key",
                    "Incorrect API key provided.",
                    "/functions/models"),
            new Refused("/v1/models/none-such", TestServer.KEY, 404, "model_not_found", null, "/v1/models/{id}"),
            new Refused(CHAT, TestServer.KEY, 405, "method_not_allowed", null, CHAT),
            new Refused("/secret-path", TestServer.KEY, 404, "unknown_url", null, null),
            new Refused("/functions/secret-path", TestServer.KEY, 404, "unknown_url", null, null),
            new Refused("/app.js", TestServer.KEY, 200, null, null, "/app.js"));

    @Test
    void whatIsRefusedIsNotedWithWhy() throws IOException {
        try (var server = server(false, settings -> settings)) {
            for (int i = 0; i < REFUSED.size(); i++) {
                var refused = REFUSED.get(i);
                server.send(server.request(refused.path).setHeader("Authorization", "Bearer " + refused.key));
                var line = TestServer.json(lines(i + 1).get(i));

                assertThat(line.path("status").asInt()).isEqualTo(refused.status);
                assertThat(line.path("error").asString(null)).isEqualTo(refused.code);
                assertThat(line.path("reason").asString(null)).isEqualTo(refused.reason);
                assertThat(line.path("route").asString(null)).isEqualTo(refused.route);
                assertThat(line.toString()).doesNotContain("secret-path", "none-such", refused.key);
            }
        }
    }

    @Test
    void anAddressThatMayNotCallIsNoted() throws IOException {
        var callers = new ServerSettings.Callers(List.of(Cidr.of("192.0.2.0/24")), List.of(), Set.of());
        try (var server = server(false, settings -> settings.withCallers(callers))) {
            server.get("/v1/models");
            var line = line();

            assertThat(line.path("status").asInt()).isEqualTo(403);
            assertThat(line.path("error").asString()).isEqualTo("address_not_allowed");
            assertThat(line.path("reason").asString()).contains("127.0.0.1");
            assertThat(line.path("address").asString()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void noSecretNoHeaderAndNoPromptIsInIt() throws IOException {
        try (var server = server(false, settings -> settings)) {
            server.send(
                    server.request(CHAT + "?canary-in-the-query")
                            .header("X-Canary", "canary-in-a-header")
                            .header("Cookie", "canary=in-a-cookie")
                            .header("User-Agent", "canary-agent")
                            .POST(
                                    BodyPublishers.ofString(
                                            "{\"user\":\"canary-user\",\"messages\":[{\"role\":\"user\",\"content\":\"canary-prompt\"}]}")));
            server.send(server.request(CHAT).POST(BodyPublishers.ofString("{\"temperature\":\"canary-invalid\"}")));
            server.send(server.request("/v1/tokens").POST(BodyPublishers.ofString("{}")));

            assertThat(String.join("\n", lines(3)))
                    .doesNotContain("canary", "Bearer", TestServer.KEY, server.inference.answer, "eyJ");
        }
    }

    @Test
    void whatACallerSendsMakesNoLineOfItsOwn() throws IOException {
        try (var server = server(true, settings -> settings)) {
            server.inference.answer = "one\r\n{\"status\":1}\u0007\u009b\u2028 two";
            server.send(server.request(CHAT)
                    .POST(BodyPublishers.ofString("{\"model\":\"a\\r\\n{\\\"status\\\":2}\",\"messages\":[{\"role\":"
                            + "\"user\",\"content\":\"x\\r\\n{\\\"status\\\":3}\\u0000\\u001b[2J\u0085\"}]}")));
            server.exchange("BREW\u0007 /v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            server.exchange("BREW /v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            var lines = lines(2);

            assertThat(lines).hasSize(2).allSatisfy(line -> {
                assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 127);
                assertThat(TestServer.json(line).path("request_id").asString()).startsWith("req_");
            });
            assertThat(TestServer.json(lines.getLast()).path("method").asString())
                    .isEqualTo("other");
        }
    }

    @Test
    void promptsAndAnswersAreInItOnlyWhereAskedAndBounded() throws IOException {
        try (var server = server(true, settings -> settings)) {
            server.inference.answer = "long ".repeat(20_000);
            server.post(CHAT, TestServer.CHAT.replace("Hello", "Hello " + "y".repeat(100_000)));
            var line = line();

            assertThat(line.path("prompt").asString())
                    .startsWith("user: Hello y")
                    .hasSize(32_768);
            assertThat(line.path("answer").path(0).asString())
                    .startsWith("long long")
                    .hasSize(32_768);
            assertThat(line.toString()).doesNotContain(TestServer.KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void toolsAndCallsAreInItAsWhatIsSaidIs(boolean prompts) throws IOException {
        try (var server = server(prompts, settings -> settings)) {
            server.inference.calls = request -> List.of(new ToolCall("call_1", "weather", "{\"place\":\"Rome\"}"));
            server.post(CHAT, """
                    {"messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function",
                     "function":{"name":"weather","arguments":"{\\"place\\":\\"Oslo\\"}"}}]},
                     {"role":"tool","tool_call_id":"a","content":"rain"}],
                     "tools":[{"type":"function","function":{"name":"weather","description":"Of a place."}}]}""");
            var line = line();

            if (prompts) {
                assertThat(line.path("prompt").asString()).isEqualTo("""
                        assistant:\s
                        calls weather {"place":"Oslo"}
                        tool: rain
                        has weather {"type":"object","properties":{},"additionalProperties":false} Of a place.""");
                assertThat(line.path("answer").path(0).asString()).isEqualTo("calls weather {\"place\":\"Rome\"}");
            } else {
                assertThat(line.toString()).doesNotContain("weather", "Oslo", "Rome", "rain", "place");
            }
        }
    }
}
