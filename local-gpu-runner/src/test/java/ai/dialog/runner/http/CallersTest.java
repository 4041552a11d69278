package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.Cidr;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call, and how the server knows. */
class CallersTest {

    private static final List<Cidr> LOOPBACK = List.of(Cidr.of("127.0.0.0/8"));

    private static final List<String> EVERYWHERE = List.of(
            "/",
            "/app.js",
            "/health",
            "/v1/models",
            "/v1/chat/completions",
            "/functions/chat",
            "/functions/health",
            "/.well-known/jwks.json",
            "/nope",
            "//",
            "/%2e%2e/x");

    @TempDir
    Path folder;

    private TestServer server(List<Cidr> allowed, List<Cidr> proxies) {
        return new TestServer(
                folder, settings -> settings.withCallers(new ServerSettings.Callers(allowed, proxies, Set.of())));
    }

    @Test
    void anybodyElseGets403Everywhere() throws IOException {
        try (var server = server(List.of(Cidr.of("192.0.2.0/24"), Cidr.of("2001:db8::/32")), List.of())) {
            for (var path : EVERYWHERE) {
                for (var method : List.of("GET", "POST", "OPTIONS", "DELETE")) {
                    // a body is announced and never sent: the answer does not wait for it
                    var answer = server.exchange(
                            method + " " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TestServer.KEY
                                    + "\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Type: application/json"
                                    + "\r\nContent-Length: 100\r\n\r\n");

                    assertThat(answer)
                            .startsWith("HTTP/1.1 403 ")
                            .contains("address_not_allowed", "127.0.0.1", "Content-Security-Policy");
                }
            }
        }
    }

    @Test
    void whoIsInARangeMayCall() {
        try (var server = server(LOOPBACK, List.of())) {
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.post("/v1/chat/completions", TestServer.CHAT).statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void behindATrustedProxyTheCallerIsWhomItNames() {
        try (var server = server(List.of(Cidr.of("192.0.2.0/24")), LOOPBACK)) {
            assertThat(status(server, "192.0.2.55")).isEqualTo(200);
            assertThat(status(server, "192.0.2.55, 127.0.0.9")).isEqualTo(200);
            assertThat(status(server, "192.0.2.55, 203.0.113.9")).isEqualTo(403);
            assertThat(status(server, "192.0.2.55:80")).isEqualTo(403);
            // the proxy itself is no caller that was allowed
            assertThat(server.get("/health").statusCode()).isEqualTo(403);
        }
    }

    private static int status(TestServer server, String forwardedFor) {
        return server.send(server.request("/health").header("X-Forwarded-For", forwardedFor))
                .statusCode();
    }
}
