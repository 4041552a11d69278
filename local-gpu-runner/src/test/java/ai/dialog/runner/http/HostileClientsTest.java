package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that readers understand differently, heads without an end, and connections that do nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {

    private static final String REMAINDER = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @SuppressWarnings("NullAway.Init") // set before all tests
    private TestServer server;

    @BeforeAll
    void start(@TempDir Path folder) {
        server = new TestServer(folder);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\n",
                "GET /health HTTP/1.1\r\nHost: \r\n",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 44\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n",
                "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1 2\r\n"
            })
    void aHeadThatCanBeReadInTwoWaysIsRefusedAndNothingAfterItIsServed(String head) throws IOException {
        String answers = server.exchange(head + "\r\n" + REMAINDER);
        assertThat(answers).startsWith("HTTP/1.1 400 ").doesNotContain("healthy", "evil");
        assertThat(answers.split("HTTP/1\\.1 ", -1)).hasSize(2);
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 4"
            })
    void ofALengthAndChunksTheChunksCountAndTheConnectionEnds(String framing) throws IOException {
        String answers = server.exchange(TestServer.head("/v1/tokens", framing) + "0\r\n\r\n" + REMAINDER);
        assertThat(answers).matches("(?s)HTTP/1\\.1 (200|400) .*").doesNotContain("healthy");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\nHost: evil.example",
                "GET /health HTTP/1.1\r\nHost: evil.example/v1/models?evil",
                "GET http://evil.example/health HTTP/1.1\r\nHost: evil.example",
                "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Original-URL: /evil"
            })
    void whatAHostSaysChangesNoRouteAndIsNotEchoed(String head) throws IOException {
        assertThat(server.exchange(head + "\r\nConnection: close\r\n\r\n"))
                .matches("(?s)HTTP/1\\.1 (200|400) .*")
                .doesNotContain("evil");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10_000})
    void aMegabyteOfHeadersIsRefusedAndTheNextClientIsServed(int headers) throws IOException {
        var head = new StringBuilder("GET /health HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < headers; i++) {
            head.append("X-H")
                    .append(i)
                    .append(": ")
                    .repeat("a", (1 << 20) / headers)
                    .append("\r\n");
        }
        assertThat(server.exchange(head + "\r\n")).startsWith("HTTP/1.1 431 ").doesNotContain("aaaa");
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }

    /** Names that some layer below might mirror, forward or route by, and one that nobody knows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health",
                "GET /",
                "GET /openapi.json",
                "GET /v1/models",
                "GET /v1/models/canary-7f3a",
                "GET /.well-known/jwks.json",
                "GET /nowhere",
                "GET /functions/models",
                "GET /functions/nope",
                "OPTIONS /v1/chat/completions",
                "OPTIONS /functions/chat",
                "HEAD /health",
                "POST /v1/chat/completions",
                "POST /v1/completions",
                "POST /v1/tokens",
                "POST /functions/chat",
                "DELETE /v1/models"
            })
    void noHeaderComesBackWhateverIsAskedFor(String line) throws IOException {
        var request = new StringBuilder(line + " HTTP/1.1\r\nHost: canary-7f3a.example\r\nConnection: close\r\n");
        for (var name : ("Accept Accept-Language Authorization Content-Type Cookie Expect-CT Forwarded From"
                        + " If-None-Match Last-Event-ID Origin Access-Control-Request-Method Access-Control-Request-Headers"
                        + " Range Referer TE Upgrade-Insecure-Requests User-Agent Via X-Request-Id X-Correlation-Id"
                        + " X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Amzn-Trace-Id traceparent baggage"
                        + " spring.cloud.function.definition OpenAI-Organization X-Canary")
                .split(" ", -1)) {
            request.append(name).append(": canary-7f3a\r\n");
        }
        var body = line.startsWith("POST") ? "{\"prompt\":1}" : "";
        var answer = server.exchange(request.append("Content-Length: ").append(body.length()) + "\r\n\r\n" + body);

        assertThat(answer).startsWith("HTTP/1.1 ").doesNotContain("HTTP/1.1 5");
        // the path's own model id may be named by the error that says it does not exist
        assertThat(answer.replace("'canary-7f3a'", "")).doesNotContainIgnoringCase("canary");
    }

    @Test
    void aThousandPipelinedRequestsAreAnsweredInOrderOrTheConnectionEnds() throws IOException {
        String last = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        String answers = server.exchange(REMAINDER.repeat(1000) + last);

        assertThat(answers.split("HTTP/1\\.1 200 ", -1)).hasSize(1001);
        assertThat(answers.lastIndexOf("HTTP/1.1 404 ")).isGreaterThan(answers.lastIndexOf("HTTP/1.1 200 "));
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void tenThousandIdleConnectionsOfOneAddressLeaveTheServiceToTheOthers(@TempDir Path folder) throws IOException {
        var idle = new ArrayList<Socket>();
        try (var bounded = new TestServer(
                folder, settings -> settings.withBounds(ServerSettings.Bounds.DEFAULTS.withConnections(1024, 512)))) {
            for (int i = 0; i < 10_000; i++) {
                var socket = new Socket();
                idle.add(socket);
                socket.bind(new InetSocketAddress("127.0.0.2", 0));
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), bounded.server.port()), 10_000);
            }
            assertThat(bounded.get("/health").statusCode()).isEqualTo(200);
            assertThat(bounded.post("/v1/chat/completions", TestServer.STREAM).body())
                    .endsWith("data: [DONE]\n\n");
        } finally {
            for (var socket : idle) {
                socket.close();
            }
        }
    }
}
