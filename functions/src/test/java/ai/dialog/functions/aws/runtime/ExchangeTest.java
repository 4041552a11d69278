package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Runtime API may answer, read strictly and within bounds. */
class ExchangeTest {

    private static final String EVENT =
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n";

    @Test
    void anEventMayComeWithItsLengthOrInChunksOrUntilTheEnd() throws IOException {
        assertThat(event(EVENT + "Content-Length: 2\r\n\r\n{}")).isEqualTo("{}");
        assertThat(event(EVENT + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n"))
                .isEqualTo("{}");
        assertThat(event(EVENT + "\r\n{}")).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH\r\n\r\n",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
                "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n",
                EVENT + "Content-Length: -1\r\n\r\n",
                EVENT + "Content-Length: 99999999999\r\n\r\n",
                EVENT + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                EVENT + "Content-Length: 3\r\n\r\n{}",
                EVENT + "Transfer-Encoding: gzip\r\n\r\n{}",
                EVENT + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
                EVENT + "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
                EVENT + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: ../../x\r\nContent-Length: 2\r\n\r\n{}"
            })
    void whatIsNoEventEndsTheLoop(String answer) {
        assertThatIOException().isThrownBy(() -> event(answer));
    }

    @Test
    void aHeadWithoutEndIsNotReadForEver() {
        assertThatIOException()
                .isThrownBy(() -> event("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(100_000)))
                .withMessageContaining("65536");
    }

    private static String event(String answer) throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var connection = server.accept()) {
                    connection.getInputStream().read(new byte[4096]);
                    connection.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    connection.shutdownOutput();
                    connection.getInputStream().readAllBytes();
                } catch (IOException closed) {
                    // the client had enough
                }
            });
            var event =
                    new RuntimeApi("127.0.0.1:" + server.getLocalPort()).next().event();
            return StandardCharsets.UTF_8.decode(event).toString();
        }
    }
}
