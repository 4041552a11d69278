package ai.dialog.packaging;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.TokenGrant;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the function talks to while it is trained: a model server and AWS Secrets Manager's {@code GetSecretValue}, with keys
 * made for the occasion.
 */
final class TrainingServer implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpServer server;
    private final Map<String, String> secrets;
    final String apiKey;
    final String token;

    TrainingServer(Path folder) throws IOException {
        var settings = AccessSettings.of(folder, null);
        var opened = Access.open(settings, InstantSource.system());
        try (var access = opened.access()) {
            apiKey = Objects.requireNonNull(opened.newKey()).secret();
            Principal caller = access.authenticate(
                    Map.of("authorization", List.of("Bearer " + apiKey)), InetAddress.getLoopbackAddress());
            token = access.tokens()
                    .issue(caller, TokenGrant.of(Duration.ofHours(1)))
                    .token();
            secrets = Map.of(
                    "arn:api-keys", Files.readString(settings.apiKeysFile()),
                    "arn:public-keys", access.tokens().publicKeys(),
                    "arn:inference-key", "sk-training-0123456789abcdef");
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The environment of a function in the cloud, with this server for the cloud. */
    Map<String, String> environment() {
        return Map.of(
                "INFERENCE_URL", address(),
                "API_KEYS_SECRET_ARN", "arn:api-keys",
                "PUBLIC_KEYS_SECRET_ARN", "arn:public-keys",
                "INFERENCE_KEY_SECRET_ARN", "arn:inference-key",
                "LIMITS_TABLE", "limits",
                "AWS_ENDPOINT_URL", address(),
                "AWS_REGION", "eu-central-1",
                "AWS_ACCESS_KEY_ID", "training",
                "AWS_SECRET_ACCESS_KEY", "training");
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            switch (exchange.getRequestURI().getPath()) {
                case "/" -> secret(exchange, body);
                case "/v1/models" -> whole(exchange, 200, """
                        {"object":"list","data":[{"id":"a-model","created":1,"owned_by":"a","context_length":8192}]}""");
                case "/v1/chat/completions" -> stream(exchange);
                default -> whole(exchange, 404, "{}");
            }
        }
    }

    private void secret(HttpExchange exchange, byte[] body) throws IOException {
        String text = secrets.get(JSON.readTree(body).path("SecretId").asString(""));
        if (text == null) {
            whole(exchange, 400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"none\"}");
            return;
        }
        whole(
                exchange,
                200,
                JSON.writeValueAsString(Map.of(
                        "ARN",
                        "arn:any",
                        "Name",
                        "any",
                        "VersionId",
                        "1",
                        "CreatedDate",
                        1.7e9,
                        "SecretString",
                        text)));
    }

    private static void whole(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void stream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        for (String word : List.of("The", " capital", " is", " Paris", ".")) {
            event(exchange, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + word + "\"}}]}");
        }
        event(exchange, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        event(exchange, "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5}}");
        event(exchange, "[DONE]");
    }

    private static void event(HttpExchange exchange, String data) throws IOException {
        exchange.getResponseBody().write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
