package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rehearsal in front of a server that says what it is told to. */
class RehearsalTest {

    private final AtomicInteger asked = new AtomicInteger();

    private HttpServer server(String badPath, int badStatus, String badAnswer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean bad = path.equals(badPath);
            byte[] answer = (bad ? badAnswer : "fine").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(
                    bad ? badStatus : body.equals("{") ? 400 : 200, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void whatIsWellAndWhatIsRefusedAsItShouldBe_isARehearsal() throws Exception {
        HttpServer server = server("/none", 500, "");
        try {
            var rehearsal = new Rehearsal(server.getAddress().getPort());
            assertThatCode(() -> rehearsal.perform(() -> true)).doesNotThrowAnyException();
            assertThat(asked).hasValue(11);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/metrics, 403, no, answered /metrics with 403 and not 200: no",
        "/v1/tokens, 500, '', answered /v1/tokens with 500 and not 200",
        "/v1/chat/completions, 503, '{\"error\":{}}', answered /v1/chat/completions with 503 and not 200",
        "/v1/chat/completions, 200, 'data: {\"error\":{}}', broke off a stream of /v1/chat/completions",
        "/v1/chat/completions, 200, fine, answered /v1/chat/completions with 200 and not 400"
    })
    void anAnswerThatIsNotTheExpectedOne_isAFailure(String path, int status, String answer, String said)
            throws Exception {
        HttpServer server = server(path, status, answer);
        try {
            var rehearsal = new Rehearsal(server.getAddress().getPort());
            assertThatThrownBy(() -> rehearsal.perform(() -> true))
                    .isInstanceOfSatisfying(
                            CliException.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCodes.FAILED))
                    .hasMessageContaining(said);
        } finally {
            server.stop(0);
        }
    }
}
