package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tests of remote inference share: servers, clients, a small request. */
abstract class RemoteFixture {

    static final String HELLO = """
            {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}""";
    static final String STOP = """
            {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    static final String USAGE = """
            {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}""";

    final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    final void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    static void helloWorld(FakeUpstream.Request request, FakeUpstream.Reply reply) throws IOException {
        reply.stream()
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}")
                .event(HELLO)
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" wörld 🙂\"}}]}")
                .event(STOP)
                .event(USAGE)
                .event("[DONE]")
                .end();
    }

    final FakeUpstream server(FakeUpstream.Script script) throws IOException {
        FakeUpstream server = new FakeUpstream(script);
        open.add(server);
        return server;
    }

    final RemoteInference inference(FakeUpstream server) {
        return inference(server.uri());
    }

    final RemoteInference inference(URI uri) {
        RemoteInference inference = new RemoteInference(settings(uri));
        open.add(inference);
        return inference;
    }

    static RemoteSettings settings(URI uri) {
        Duration second = Duration.ofSeconds(1);
        return new RemoteSettings(
                uri,
                null,
                () -> "s3cret",
                new RemoteSettings.Timeouts(second, Duration.ofSeconds(10), Duration.ofSeconds(20), second),
                new RemoteSettings.Retries(3, Duration.ofMillis(10)),
                1 << 16);
    }

    static InferenceException failure(RemoteInference inference, CompletionRequest request) {
        try {
            inference.complete(request).blockLast(Duration.ofSeconds(10));
        } catch (InferenceException failure) {
            return failure;
        }
        throw new AssertionError("did not fail");
    }

    static CompletionRequest request(int choices, @Nullable Instant deadline) {
        return CompletionRequest.of(conversation(), "tenant")
                .choices(choices)
                .deadline(deadline)
                .build();
    }

    static Prompt conversation() {
        return new Prompt.Conversation(
                List.of(new Prompt.Message("system", "Be brief."), new Prompt.Message("user", "Grüße")));
    }

    static CompletionChunk delta(int choice, String text) {
        return new CompletionChunk.Delta(choice, text, List.of());
    }

    static JsonNode json(String text) {
        return JsonMapper.builder().build().readTree(text);
    }
}
