package ai.dialog.runner.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server on a free port over a {@link FakeInference}, and the ways to talk to it. */
final class TestServer implements AutoCloseable {

    static final String KEY = "a-key-for-tests-only";
    static final String CHAT = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    static final String STREAM = "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final FakeInference inference = new FakeInference();
    final RunnerServer server;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestServer(Path stateFolder) {
        this(stateFolder, settings -> settings);
    }

    TestServer(Path stateFolder, UnaryOperator<ServerSettings> change) {
        var settings =
                ServerSettings.defaults(stateFolder).withAddress("127.0.0.1", 0).withApiKey(KEY);
        server = RunnerServer.start(change.apply(settings), inference);
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    /** A request with the key and JSON's content type, to be changed and built. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url(path)))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json");
    }

    HttpResponse<String> get(String path) {
        return send(request(path).GET());
    }

    HttpResponse<String> post(String path, String body) {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> post(String path, BodyPublisher body) {
        return send(request(path).POST(body));
    }

    /** Sends it, and holds the answer to what the OpenAPI document says. */
    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            var built = request.build();
            var answer = client.send(built, BodyHandlers.ofString());
            ApiContract.DOCUMENT.check(built.method(), built.uri().getRawPath(), answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A socket to the server, whose reads fail after a minute. */
    Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** Sends these bytes as they are and gives everything that comes back until the server closes. */
    String exchange(String bytes) throws IOException {
        try (var socket = connect()) {
            write(socket, bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void write(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Reads until {@code end} has come. */
    static String readUntil(Socket socket, String end) throws IOException {
        var read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("The server closed after: " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    /** The head of a request with a body, as bytes on the wire. */
    static String head(String path, String... headers) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + KEY
                + "\r\nContent-Type: application/json\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    static JsonNode json(String text) {
        return JSON.readTree(text);
    }

    /** A text as JSON. */
    static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }

    /** {@code error.code} of an answer. */
    static String code(HttpResponse<String> response) {
        return json(response.body()).path("error").path("code").asString();
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
