package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadRequestsTest {

    private static final String PATH = "/v1/chat/completions";
    private static final int LIMIT = 256 * 1024;
    private static final int HUNDRED_MEGABYTES = 100_000_000;

    @TempDir
    static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(
                folder,
                settings -> settings.withBounds(
                        new ServerSettings.Bounds(LIMIT, Duration.ofSeconds(2), Duration.ofSeconds(30), 1024, 1024)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"messages\"",
                "",
                "[]",
                "null",
                "{\"messages\":[],\"messages\":[]}",
                "{\"messages\":\"hi\"}",
                "{\"messages\":[{\"role\":\"user\",\"content\":7}]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"temperature\":\"hot\"}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":1e999}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"n\":-1}"
            })
    void aBodyThatIsNoRequestIs400(String body) {
        var answer = server.post(PATH, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(answer.body()).at("/error/type").asString()).isEqualTo("invalid_request_error");
        assertThat(TestServer.json(answer.body()).at("/error/message").asString())
                .isNotBlank()
                .doesNotContain("Exception");
    }

    @Test
    void noKeyAndAWrongKeyAre401() {
        var without = server.send(java.net.http.HttpRequest.newBuilder(java.net.URI.create(server.url("/v1/models"))));
        var wrong = server.send(server.request("/v1/models").setHeader("Authorization", "Bearer not-the-right-key"));

        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(TestServer.code(without)).isEqualTo("invalid_api_key");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).doesNotContain("not-the-right-key");
    }

    @Test
    void aBodyAnnouncedAsTooLongIs413AtOnce() throws IOException {
        var answer = server.exchange(TestServer.head(PATH, "Content-Length: " + HUNDRED_MEGABYTES));

        // not a byte of the body was sent, so nothing of it was waited for
        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("request_too_large");
    }

    @Test
    void aChunkedBodyIs413WhenItPassesTheLimitWithoutReadingTheRest() throws IOException {
        try (var socket = server.connect()) {
            TestServer.write(socket, TestServer.head(PATH, "Transfer-Encoding: chunked"));
            var chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
            int sent = 0;
            try {
                while (sent < HUNDRED_MEGABYTES && socket.getInputStream().available() == 0) {
                    TestServer.write(socket, chunk);
                    sent += 0x4000;
                }
            } catch (SocketException closed) {
                assertThat(closed).isNotNull();
            }

            assertThat(sent).isLessThan(HUNDRED_MEGABYTES / 2);
            assertThat(TestServer.readUntil(socket, "\r\n")).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void anOrdinaryClientThatSends100MegabytesIsTold413() {
        var endless = new InputStream() {
            private int left = HUNDRED_MEGABYTES;

            @Override
            public int read() {
                return left-- > 0 ? ' ' : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int count = Math.min(length, left);
                Arrays.fill(into, offset, offset + count, (byte) ' ');
                left -= count;
                return count;
            }
        };
        var opening = new ByteArrayInputStream("{\"messages\":".getBytes(StandardCharsets.UTF_8));
        var body = BodyPublishers.ofInputStream(() -> new SequenceInputStream(opening, endless));

        var answer = server.send(server.request(PATH).expectContinue(true).POST(body));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(TestServer.code(answer)).isEqualTo("request_too_large");
    }

    @Test
    void aSlowBodyIs408() throws IOException {
        try (var socket = server.connect()) {
            TestServer.write(socket, TestServer.head(PATH, "Content-Length: 500") + "{\"messages\":");

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("request_timeout");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONSENSE | 400",
                "GET / HTTP/1.1~Host localhost | 400",
                "GET / HTTP/1.1~Host: a~Content-Length: x | 400",
                "GET /v1/%zz HTTP/1.1~Host: a~Connection: close | 400"
            })
    void whatIsNotHttpIsToldSoInAnErrorObject(String head, int status) throws IOException {
        var answer = server.exchange(head.replace("~", "\r\n") + "\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("application/json", "invalid_request_error");
        assertThat(answer).doesNotContain("Exception", "netty", "\tat ");
    }

    @Test
    void headsThatAreTooLargeAreRefused() throws IOException {
        var header = server.exchange("GET / HTTP/1.1\r\nHost: a\r\nX-Large: " + "x".repeat(100_000) + "\r\n\r\n");
        var line = server.exchange("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(header).startsWith("HTTP/1.1 431 ").contains("headers_too_large");
        assertThat(line).startsWith("HTTP/1.1 414 ").contains("uri_too_long");
    }

    @Test
    void aChunkedBodyWithinTheLimitIsAnswered() throws IOException {
        var half = TestServer.CHAT.length() / 2;
        var chunks = "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
                .formatted(
                        half,
                        TestServer.CHAT.substring(0, half),
                        TestServer.CHAT.length() - half,
                        TestServer.CHAT.substring(half));

        var answer = server.exchange(TestServer.head(PATH, "Transfer-Encoding: chunked", "Connection: close") + chunks);

        assertThat(answer).startsWith("HTTP/1.1 200 ").contains(server.inference.answer);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        var chat = TestServer.head(PATH, "Content-Length: " + TestServer.CHAT.length()) + TestServer.CHAT;
        var last = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

        var answers = server.exchange("GET /v1/nope HTTP/1.1\r\nHost: a\r\n\r\n" + chat + last);

        assertThat(answers).containsSubsequence("404 Not Found", "chat.completion", "\"status\":\"healthy\"");
    }
}
