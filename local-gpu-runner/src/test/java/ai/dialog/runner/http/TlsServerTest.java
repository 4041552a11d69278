package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dialog.functions.access.Cidr;
import ai.dialog.runner.tls.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.pem.PemContent;

/** The server with TLS, asked by real clients. */
class TlsServerTest {

    @TempDir
    static Path folder;

    private static TestServer server(TlsSettings tls) {
        return new TestServer(folder, settings -> settings.withTls(tls));
    }

    private static TlsSettings selfMade() {
        return new TlsSettings(null, List.of("127.0.0.1"), null);
    }

    /** Trusts the server's own certificate and no other. */
    private static SSLContext trusting(Path pem) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(
                "own",
                Objects.requireNonNull(PemContent.load(pem).getCertificates()).getFirst());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static HttpRequest.Builder to(TestServer server, String host, String path) {
        return HttpRequest.newBuilder(URI.create("https://" + host + ":" + server.server.port() + path))
                .header("Authorization", "Bearer " + TestServer.KEY)
                .header("Content-Type", "application/json");
    }

    @Test
    void aClientThatTrustsTheCertificateIsAnsweredAndAnotherIsNot() throws Exception {
        try (var server = server(selfMade());
                var trusting = HttpClient.newBuilder()
                        .sslContext(trusting(folder.resolve("tls.pem")))
                        .build();
                var stranger = HttpClient.newHttpClient()) {
            for (var host : List.of("127.0.0.1", "localhost")) {
                var answer = trusting.send(
                        to(server, host, "/v1/chat/completions")
                                .POST(BodyPublishers.ofString(TestServer.STREAM))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).endsWith("data: [DONE]\n\n");
                // a browser that took a self-made certificate once must be able to leave it
                assertThat(answer.headers().firstValue("strict-transport-security"))
                        .isEmpty();
            }
            assertThat(server.server.fingerprint()).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
            assertThatThrownBy(() ->
                            stranger.send(to(server, "127.0.0.1", "/health").build(), BodyHandlers.ofString()))
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aGivenCertificateTellsBrowsersToStayWithTls() throws Exception {
        var first = server(selfMade());
        first.close();
        var pem = folder.resolve("tls.pem");
        try (var server = server(new TlsSettings(new TlsSettings.Files(pem, pem), List.of(), null));
                var client = HttpClient.newBuilder().sslContext(trusting(pem)).build()) {
            var answer = client.send(to(server, "127.0.0.1", "/").build(), BodyHandlers.ofString());

            assertThat(answer.headers().firstValue("strict-transport-security")).contains("max-age=31536000");
            assertThat(server.server.fingerprint()).isNull();
        }
    }

    @Test
    void onlyNewVersionsAreSpoken() throws Exception {
        try (var server = server(selfMade())) {
            for (var version : List.of("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")) {
                speak(server, version, version.equals("TLSv1.3") || version.equals("TLSv1.2"));
            }
        }
    }

    private static void speak(TestServer server, String version, boolean spoken) throws Exception {
        var context = trusting(folder.resolve("tls.pem"));
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.server.port())) {
            socket.setEnabledProtocols(new String[] {version});
            if (spoken) {
                socket.startHandshake();
                assertThat(socket.getSession().getProtocol()).isEqualTo(version);
            } else {
                assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void opensslSeesTheNamesAndAnOldVersionIsRefused() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        try (var server = server(selfMade())) {
            var seen = openssl(server, "-CAfile", folder.resolve("tls.pem").toString(), "-verify_ip", "127.0.0.1");
            assertThat(seen).contains("Verify return code: 0 (ok)").containsPattern("TLSv1\\.3|TLSv1\\.2");
            assertThat(openssl(server, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
                    .doesNotContain("BEGIN CERTIFICATE")
                    .contains("alert");
        }
    }

    private static String openssl(TestServer server, String... more) throws Exception {
        var command = new java.util.ArrayList<>(
                List.of("/usr/bin/openssl", "s_client", "-connect", "127.0.0.1:" + server.server.port()));
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    @Test
    void whoSpeaksNoTlsIsNotAnsweredAndHarmsNobody() throws Exception {
        try (var server = server(selfMade());
                var client = HttpClient.newBuilder()
                        .sslContext(trusting(folder.resolve("tls.pem")))
                        .build()) {
            for (var bytes : List.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u0000".repeat(5000))) {
                assertThat(said(server, bytes)).doesNotContain("HTTP/1.1 200");
            }
            assertThat(client.send(to(server, "127.0.0.1", "/health").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static String said(TestServer server, String bytes) {
        try {
            return server.exchange(bytes);
        } catch (IOException reset) {
            return "";
        }
    }

    @Test
    void withoutTlsCallersAreSentToTheConfiguredAddressWhateverTheHostSays() throws IOException {
        try (var server = server(new TlsSettings(null, List.of("chat.example.org"), 0))) {
            for (var host : List.of("evil.example", "127.0.0.1", "a\r\nX-Forwarded-Host: evil.example")) {
                sentTo(server, host);
            }
        }
    }

    private static void sentTo(TestServer server, String host) throws IOException {
        int port = Objects.requireNonNull(server.server.redirectPort());
        var base = "https://chat.example.org:" + server.server.port();

        assertThat(location(port, "/v1/models?x=1", host)).isEqualTo(base + "/v1/models?x=1");
        assertThat(location(port, "/", host)).isEqualTo(base + "/");
        assertThat(location(port, "//evil.example/x", host)).isEqualTo(base + "/");
        assertThat(location(port, "/\\evil.example/x", host)).isEqualTo(base + "/");
        assertThat(location(port, "http://evil.example/x", host)).startsWith(base + "/");
    }

    private static String location(int port, String target, String host) throws IOException {
        var answer = plain(
                port,
                "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + TestServer.KEY
                        + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 308 ").doesNotContain(TestServer.KEY);
        return answer.lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("location: "))
                .map(line -> line.substring("location: ".length()))
                .findFirst()
                .orElseThrow();
    }

    private static String plain(int port, String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            TestServer.write(socket, request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whoMayNotCallIsNotSentAnywhere() throws IOException {
        var callers = new ServerSettings.Callers(List.of(Cidr.of("192.0.2.0/24")), List.of(), Set.of());
        try (var server = new TestServer(
                folder,
                settings ->
                        settings.withCallers(callers).withTls(new TlsSettings(null, List.of("chat.example.org"), 0)))) {
            var answer = plain(
                    Objects.requireNonNull(server.server.redirectPort()),
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

            assertThat(answer).startsWith("HTTP/1.1 403 ").contains("127.0.0.1").doesNotContain("chat.example.org");
        }
    }
}
