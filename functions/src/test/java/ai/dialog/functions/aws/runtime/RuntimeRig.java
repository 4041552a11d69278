package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.remote.FakeUpstream;
import ai.dialog.packaging.RuntimeApiStandIn;
import ai.dialog.packaging.StandInInvocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The runtime as its bootstrap starts it, but in this process, between a Runtime API and a model server of the test's own. */
final class RuntimeRig implements AutoCloseable {

    static final JsonMapper JSON = JsonMapper.builder().build();
    static final Duration LONG = Duration.ofSeconds(60);

    final FakeUpstream upstream;
    final RuntimeApiStandIn api = new RuntimeApiStandIn();
    private final Thread runtime;
    private final Map<String, @Nullable String> before = new HashMap<>();
    private volatile int exitCode = -1;

    RuntimeRig(Path keysFolder, FakeUpstream upstream) throws IOException {
        this.upstream = upstream;
        set("INFERENCE_URL", upstream.uri().toString());
        set("API_KEY", "sk-local-example-0123456789abcdef");
        set("KEYS_FOLDER", keysFolder.toString());
        set("REQUEST_TIMEOUT_SECONDS", "60");
        set("CORS_ORIGINS", "https://chat.example.org");
        Supplier<ConfigurableApplicationContext> start = ChatRuntimeApplication::start;
        runtime = new Thread(() -> exitCode = ChatRuntime.run(api.address(), start), "runtime");
        runtime.start();
    }

    /** Hands in an event of {@code events/}. */
    StandInInvocation invoke(String file) throws IOException {
        return api.invoke(new StandInInvocation(event(file).toString()));
    }

    /** Hands in a streamed chat with these words, whose deadline is so far away. */
    StandInInvocation invokeStream(String words, Duration left) throws IOException {
        return api.invoke(stream(words).deadline(left));
    }

    static StandInInvocation stream(String words) throws IOException {
        var event = event("chat-stream");
        event.put("body", """
                {"stream":true,"messages":[{"role":"user","content":"%s"}]}""".formatted(words));
        return new StandInInvocation(event.toString());
    }

    static ObjectNode event(String file) throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(Path.of("../events", file + ".json")));
    }

    /** What the model server says of its models. */
    static void models(FakeUpstream.Reply reply) throws IOException {
        reply.whole(200, "application/json", """
                {"object":"list","data":[{"id":"SmolLM2-135M-Instruct","created":1,"owned_by":"hf","context_length":8192}]}""");
    }

    static int status(StandInInvocation answered) {
        return JSON.readTree(answered.prelude()).path("statusCode").intValue();
    }

    static JsonNode json(StandInInvocation answered) {
        return JSON.readTree(answered.body());
    }

    /** The data of each server-sent event. */
    static List<String> events(StandInInvocation answered) {
        return List.of(answered.body().split("\n\n", 0)).stream()
                .map(event -> event.substring("data: ".length()))
                .toList();
    }

    /** The text of a streamed chat. */
    static String said(StandInInvocation answered) {
        var text = new StringBuilder();
        events(answered).stream()
                .filter(event -> event.startsWith("{"))
                .forEach(event -> text.append(
                        JSON.readTree(event).at("/choices/0/delta/content").asString("")));
        return text.toString();
    }

    /** Takes the Runtime API away, and waits for the program to end. */
    int end() throws IOException, InterruptedException {
        api.close();
        runtime.join(LONG);
        return exitCode;
    }

    @Override
    public void close() throws IOException {
        api.close();
        upstream.close();
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }
}
