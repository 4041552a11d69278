package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --upstream} as a process in front of a server that always says the same. */
class UpstreamIT {

    private static final String EVENTS = """
            data: {"choices":[{"index":0,"delta":{"content":"Paris."}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]

            """;

    @TempDir
    Path state;

    @Test
    void withAnUpstream_noModelIsLoaded_norAnyOfPyTorch() throws IOException {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        HttpServer upstream = upstream(seen);
        String address = "http://127.0.0.1:" + upstream.getAddress().getPort();
        try (ServiceProcess service = ServiceProcess.start(
                state, Map.of("INFERENCE_API_KEY", "the-upstreams-key"), List.of("--upstream", address))) {
            var answer = service.post(
                    "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"Capital of France?\"}]}");

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("Paris.");
            assertThat(seen).containsExactly("Bearer the-upstreams-key");
            assertThat(Files.readString(Path.of("/proc", Long.toString(service.process.pid()), "maps")))
                    .doesNotContain("torch");
        } finally {
            upstream.stop(0);
        }
    }

    private static HttpServer upstream(Queue<String> seen) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.createContext("/v1/chat/completions", exchange -> {
            seen.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            byte[] events = EVENTS.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, events.length);
            exchange.getResponseBody().write(events);
            exchange.close();
        });
        server.start();
        return server;
    }
}
