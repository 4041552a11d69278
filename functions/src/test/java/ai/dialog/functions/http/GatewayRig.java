package ai.dialog.functions.http;

import ai.dialog.functions.FakeInference;
import ai.dialog.functions.FunctionSettings;
import ai.dialog.functions.FunctionsConfiguration;
import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.FixedKeyStore;
import ai.dialog.functions.access.KeyStore;
import ai.dialog.functions.access.SigningKeys;
import ai.dialog.functions.access.Tokens;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.cloud.function.context.FunctionCatalog;
import org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole of the functions module, from HTTP to a fake inference, in a Spring context as an application has it. */
public final class GatewayRig implements AutoCloseable {

    /** The key that is accepted. */
    public static final String KEY = "sk-dialog-abcdefghijkl-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";

    private static final JsonMapper JSON = new JsonMapper();

    private final FakeInference inference = new FakeInference();
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Access access;

    GatewayRig(Class<?>... more) {
        this(new FixedKeyStore(KEY, Instant.now()), more);
    }

    GatewayRig(KeyStore keys, Class<?>... more) {
        var clock = InstantSource.system();
        access = new Access(keys, new Tokens(SigningKeys.inMemory(clock), "test", "test", clock), clock);
        context.registerBean(FakeInference.class, () -> inference);
        context.registerBean(Access.class, () -> access);
        context.registerBean(FunctionSettings.class, () -> new FunctionSettings(Duration.ofMinutes(1), 32));
        context.register(
                ContextFunctionCatalogAutoConfiguration.class, FunctionsConfiguration.class, HttpConfiguration.class);
        if (more.length > 0) {
            context.register(more);
        }
        context.refresh();
    }

    FakeInference inference() {
        return inference;
    }

    Access access() {
        return access;
    }

    Gateway gateway() {
        return context.getBean(Gateway.class);
    }

    Gateway gateway(GatewaySettings settings) {
        return new Gateway(context.getBean(FunctionCatalog.class), access, settings);
    }

    /** What came back, read to its end. */
    record Answer(int status, Map<String, String> headers, String text) {

        JsonNode json() {
            return JSON.readTree(text);
        }

        JsonNode error() {
            return json().get("error");
        }

        /** The data of each server-sent event. */
        List<String> events() {
            var events = new ArrayList<String>();
            for (String event : text.split("\n\n", 0)) {
                if (!event.startsWith("data: ")) {
                    throw new AssertionError("Not an event: " + event);
                }
                events.add(event.substring("data: ".length()));
            }
            return events;
        }

        /** The events but the last, which must be the end mark. */
        List<JsonNode> chunks() {
            var events = events();
            if (!events.getLast().equals("[DONE]")) {
                throw new AssertionError("No end mark: " + text);
            }
            return events.subList(0, events.size() - 1).stream()
                    .map(event -> JSON.readTree(event))
                    .toList();
        }
    }

    Answer post(String path, String body) {
        return send(request("POST", path, body));
    }

    Answer get(String path) {
        return send(request("GET", path, ""));
    }

    Answer send(HttpRequest request) {
        return read(handle(gateway(), request));
    }

    static HttpResponse handle(Gateway gateway, HttpRequest request) {
        return Objects.requireNonNull(gateway.handle(request).block(Duration.ofSeconds(10)));
    }

    static Answer read(HttpResponse response) {
        var text = new StringBuilder();
        response.body()
                .doOnNext(chunk -> text.append(StandardCharsets.UTF_8.decode(chunk.duplicate())))
                .blockLast(Duration.ofSeconds(10));
        return new Answer(response.status(), response.headers(), text.toString());
    }

    /** A request with the good key and a JSON content type. */
    static HttpRequest request(String method, String path, String body) {
        return new HttpRequest(
                method,
                path,
                Map.of("authorization", List.of("Bearer " + KEY), "content-type", List.of("application/json")),
                "127.0.0.1",
                ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    /** The same request with one header put, or taken away where there are no values. */
    static HttpRequest with(HttpRequest request, String header, String... values) {
        var headers = new HashMap<>(request.headers());
        headers.remove(header);
        if (values.length > 0) {
            headers.put(header, List.of(values));
        }
        return new HttpRequest(request.method(), request.path(), headers, request.sourceAddress(), request.body());
    }

    @Override
    public void close() {
        context.close();
    }
}
