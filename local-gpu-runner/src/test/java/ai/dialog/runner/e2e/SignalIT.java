package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers and whoever started the process are told where the grace is too short for an answer. */
class SignalIT {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path state;

    /** Signals once the stream has begun; its last event. */
    private static String lastEventAfterASignal(ServiceProcess service) throws Exception {
        HttpResponse<InputStream> stream = service.client.send(
                HttpRequest.newBuilder(service.base.resolve("/v1/chat/completions"))
                        .header("Authorization", "Bearer " + ServiceProcess.KEY)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"Count to a thousand.\"}],"
                                        + "\"stream\":true,\"ignore_eos\":true,\"max_tokens\":1900}"))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("data: ");
            service.process.toHandle().destroy();
            // a stream that the server's end cut off would end in an exception here
            return lines.lines()
                    .filter(line -> line.startsWith("data: "))
                    .reduce((first, last) -> last)
                    .orElse("");
        }
    }

    private static int exitCode(ServiceProcess service) throws InterruptedException {
        assertThat(service.process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return service.process.exitValue();
    }

    @Test
    void aStreamThatIsLongerThanTheGrace_endsWithAnError_andTheProcessWith143() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(state, "--grace", "1")) {
            assertThat(lastEventAfterASignal(service)).contains("\"error\"", "shutting down");
            assertThat(exitCode(service)).isEqualTo(143);
        }
    }

    @Test
    void aServiceThatKeepsConversations_endsAtOnceWhenNobodyIsThere() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(state, "--grace", "1")) {
            for (String word : List.of("apples", "bicycles", "clouds", "drums", "engines")) {
                HttpResponse<String> answer = service.client.send(
                        HttpRequest.newBuilder(service.base.resolve("/v1/completions"))
                                .header("Authorization", "Bearer " + ServiceProcess.KEY)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"prompt\":\"%s\",\"max_tokens\":4}".formatted((word + " ").repeat(40))))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
            }
            service.process.toHandle().destroy();
            assertThat(exitCode(service)).isZero();
        }
    }

    @Test
    void withAnUpstreamToo() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        HttpServer upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            upstream.setExecutor(threads);
            upstream.createContext("/health", exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            upstream.createContext("/v1/chat/completions", exchange -> {
                exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody()
                        .write("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"One\"}}]}\n\n"
                                .getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.close();
            });
            upstream.start();
            String address = "http://127.0.0.1:" + upstream.getAddress().getPort();
            try (ServiceProcess service =
                    ServiceProcess.start(state, Map.of(), List.of("--upstream", address, "--grace", "1"))) {
                assertThat(lastEventAfterASignal(service)).contains("\"error\"");
                assertThat(exitCode(service)).isEqualTo(143);
            } finally {
                over.countDown();
                upstream.stop(0);
            }
        }
    }
}
