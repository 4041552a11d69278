package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ToolCall;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own clients where something goes wrong, and the one for Java where nothing does. */
class OpenAiClientsIT {

    @TempDir
    static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(folder);
        var tries = new AtomicInteger();
        server.inference.refusals = request -> switch (text(request)) {
            case "overloaded" -> overloaded();
            case "overloaded once" -> tries.getAndIncrement() == 0 ? overloaded() : null;
            case "unavailable" ->
                new InferenceException(InferenceException.Kind.UNAVAILABLE, "The model cannot be reached.");
            default -> null;
        };
        server.inference.calls = OpenAiClientsIT::calls;
        server.inference.breaks = request -> text(request).equals("broken");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static InferenceException overloaded() {
        return new InferenceException(
                InferenceException.Kind.OVERLOADED, "The queue is full.", null, Duration.ofSeconds(3), null);
    }

    private static String text(CompletionRequest request) {
        return request.prompt() instanceof Prompt.Conversation conversation
                ? conversation.messages().getLast().content()
                : "";
    }

    @Test
    void pythonsClientTellsEveryCauseApart() throws Exception {
        var python = new Python("openai-client", "openai==3.54.0");

        assertThat(python.run("openai_errors.py", server.url(""), TestServer.KEY))
                .startsWith("ok");
    }

    /** As many calls as the last message says, while it is a user's and tools may be called. */
    private static List<ToolCall> calls(CompletionRequest request) {
        return request.tools().callable() && text(request).matches("[12]")
                ? IntStream.range(0, Integer.parseInt(text(request)))
                        .mapToObj(i -> new ToolCall(
                                "call_" + i,
                                request.tools().tools().getFirst().name(),
                                "{\"place\": \"Zürich\", \"days\": 2}"))
                        .toList()
                : List.of();
    }

    @Test
    void pythonsClientCallsToolsWholeAndStreamedAndParsesThem() throws Exception {
        var python = new Python("openai-client", "openai==3.54.0");

        assertThat(python.run("openai_tools.py", server.url(""), TestServer.KEY))
                .startsWith("ok");
    }

    @Test
    void javasClientGetsAnAnswerAStreamAndAnError() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(server.url("/v1"))
                .apiKey(TestServer.KEY)
                .maxRetries(0)
                .build();
        var question = ChatCompletionCreateParams.builder().model("default").addUserMessage("Hello");
        try {
            var whole = client.chat().completions().create(question.build());
            assertThat(whole.choices().getFirst().message().content()).contains(server.inference.answer);
            assertThat(whole.usage().orElseThrow().totalTokens()).isPositive();

            try (var stream = client.chat().completions().createStreaming(question.build())) {
                assertThat(stream.stream()
                                .flatMap(chunk -> chunk.choices().stream())
                                .flatMap(choice -> choice.delta().content().stream())
                                .collect(Collectors.joining()))
                        .isEqualTo(server.inference.answer);
            }

            var bad = question.temperature(9).build();
            assertThatThrownBy(() -> client.chat().completions().create(bad))
                    .isInstanceOfSatisfying(BadRequestException.class, error -> {
                        assertThat(error.statusCode()).isEqualTo(400);
                        assertThat(error.code()).contains("invalid_value");
                        assertThat(error.param()).contains("temperature");
                        assertThat(error.headers().values("x-request-id")).hasSize(1);
                    });
        } finally {
            client.close();
        }
    }
}
