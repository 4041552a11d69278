package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionsTest {

    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {TestServer.STREAM, TestServer.CHAT})
    void aClientThatLeavesStopsItsGeneration(String body) throws Exception {
        try (var server = new TestServer(folder)) {
            server.inference.endless = true;
            server.inference.pause = Duration.ofMillis(20);
            var socket = server.connect();
            TestServer.write(
                    socket, TestServer.head("/v1/chat/completions", "Content-Length: " + body.length()) + body);
            await().atMost(Duration.ofSeconds(30)).until(() -> server.inference.active.get() == 1);

            socket.close();

            assertThat(server.inference.firstCancel.await(30, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(30)).until(() -> server.inference.active.get() == 0);
        }
    }

    @Test
    void aThousandKeepAliveConnectionsComeAndGo() throws IOException {
        try (var server = new TestServer(folder)) {
            var open = new ArrayList<Socket>();
            for (int i = 0; i < 1000; i++) {
                var socket = server.connect();
                open.add(socket);
                TestServer.write(socket, HEALTH);
            }
            for (var socket : open) {
                assertThat(TestServer.readUntil(socket, "}")).startsWith("HTTP/1.1 200 ");
                // the connection is kept: a second request is answered on it
                TestServer.write(socket, HEALTH);
                assertThat(TestServer.readUntil(socket, "}")).startsWith("HTTP/1.1 200 ");
            }
            for (var socket : open) {
                socket.close();
            }

            assertThat(server.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void connectionsBeyondTheLimitAreRefusedUntilOthersClose() throws Exception {
        try (var server = new TestServer(
                folder,
                settings -> settings.withBounds(
                        new ServerSettings.Bounds(1024, Duration.ofSeconds(5), Duration.ofSeconds(30), 2, 2)))) {
            try (var first = server.connect();
                    var second = server.connect()) {
                for (var socket : List.of(first, second)) {
                    TestServer.write(socket, HEALTH);
                    assertThat(TestServer.readUntil(socket, "}")).startsWith("HTTP/1.1 200 ");
                }
                try (var third = server.connect()) {
                    assertThat(new String(third.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                            .startsWith("HTTP/1.1 503 ")
                            .contains("too many connections");
                }
            }
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                try (var again = server.connect()) {
                    TestServer.write(again, HEALTH);
                    assertThat(TestServer.readUntil(again, "}")).startsWith("HTTP/1.1 200 ");
                }
            });
        }
    }

    @Test
    void oneAddressCannotTakeAllConnections() throws Exception {
        try (var server = new TestServer(
                        folder,
                        settings -> settings.withBounds(ServerSettings.Bounds.DEFAULTS.withConnections(10, 1)));
                var first = server.connect()) {
            TestServer.write(first, HEALTH);
            assertThat(TestServer.readUntil(first, "}")).startsWith("HTTP/1.1 200 ");
            try (var second = server.connect()) {
                assertThat(new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 503 ");
            }
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (var server = new TestServer(folder, settings -> settings.withBounds(shortIdle()));
                var socket = server.connect()) {
            TestServer.write(socket, HEALTH);
            TestServer.readUntil(socket, "}");

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aReaderThatStopsInTheMiddleOfAStreamIsLetGoAndItsGenerationStopped() throws Exception {
        try (var server = new TestServer(folder, settings -> settings.withBounds(shortIdle()));
                var socket = new Socket()) {
            server.inference.endless = true;
            server.inference.answer = "word ".repeat(2000);
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
            TestServer.write(
                    socket,
                    TestServer.head("/v1/chat/completions", "Content-Length: " + TestServer.STREAM.length())
                            + TestServer.STREAM);
            TestServer.readUntil(socket, "word ");

            // and never again

            assertThat(server.inference.firstCancel.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aStreamWithPausesLongerThanTheIdleTimeoutIsAnsweredWhole() throws Exception {
        try (var server = new TestServer(folder, settings -> settings.withBounds(shortIdle()))) {
            server.inference.answer = "one two end.";
            server.inference.pause = Duration.ofMillis(1500);

            assertThat(server.post("/v1/chat/completions", TestServer.STREAM).body())
                    .contains("\"end.\"")
                    .endsWith("data: [DONE]\n\n");
        }
    }

    private static ServerSettings.Bounds shortIdle() {
        return new ServerSettings.Bounds(1024, Duration.ofSeconds(5), Duration.ofSeconds(1), 10, 10);
    }

    @Test
    void closingLetsARunningStreamEndAndAcceptsNoMore() throws Exception {
        var server = new TestServer(folder);
        int port = server.server.port();
        server.inference.answer = "one two three four five six seven eight nine ten end.";
        server.inference.pause = Duration.ofMillis(100);
        var stream = CompletableFuture.supplyAsync(() -> server.post("/v1/chat/completions", TestServer.STREAM));
        await().atMost(Duration.ofSeconds(30)).until(() -> server.inference.active.get() == 1);

        server.server.close();

        assertThat(stream.get(30, TimeUnit.SECONDS).body()).contains("\"end.\"").endsWith("data: [DONE]\n\n");
        assertThat(canConnect(port)).isFalse();
        server.client.close();
    }

    private static boolean canConnect(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
