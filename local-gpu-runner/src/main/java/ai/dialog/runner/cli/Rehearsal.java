package ai.dialog.runner.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The requests of a rehearsal: what a service is asked in its first minute. */
final class Rehearsal {

    /** Of a service that lives for seconds, on loopback. */
    static final String KEY = "for-the-rehearsal-alone";

    /** A build machine may be busy, and libtorch may have to be unpacked first. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String CHAT = """
            {"messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream":%s,"temperature":%s}""";

    private final String base;

    Rehearsal(int port) {
        this.base = "http://127.0.0.1:" + port;
    }

    /**
     * Asks, once the service is healthy.
     *
     * @throws CliException where it does not become so, or an answer is not the expected one
     */
    void perform(BooleanSupplier healthy) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!healthy.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new CliException(ExitCodes.FAILED, "the rehearsed service did not become healthy");
            }
            Thread.sleep(100);
        }
        for (String path : List.of("/health", "/v1/models", "/metrics", "/", "/openapi.json")) {
            ask(path, null, 200);
        }
        for (String temperature : List.of("0", "1")) {
            ask("/v1/chat/completions", CHAT.formatted("false", temperature), 200);
            ask("/v1/chat/completions", CHAT.formatted("true", temperature), 200);
        }
        ask("/v1/tokens", "{\"expires_in\":60}", 200);
        ask("/v1/chat/completions", "{", 400);
    }

    private void ask(String path, @Nullable String body, int expected) {
        try {
            var connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection();
            connection.setRequestProperty("Authorization", "Bearer " + KEY);
            connection.setReadTimeout((int) PATIENCE.toMillis());
            if (body != null) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            String said = read(status < 400 ? connection.getInputStream() : connection.getErrorStream());
            if (status != expected) {
                throw new CliException(
                        ExitCodes.FAILED,
                        "the rehearsed service answered %s with %d and not %d: %s"
                                .formatted(
                                        path,
                                        status,
                                        expected,
                                        said.lines().findFirst().orElse("")));
            }
            // a stream that fails under way began with 200
            if (said.contains("data: {\"error\"")) {
                throw new CliException(ExitCodes.FAILED, "the rehearsed service broke off a stream of " + path);
            }
        } catch (IOException e) {
            throw new CliException(
                    ExitCodes.FAILED, "the rehearsed service did not answer " + path + ": " + ErrorText.reason(e));
        }
    }

    /** An answer without a body may have no stream. */
    private static String read(@Nullable InputStream answer) throws IOException {
        if (answer == null) {
            return "";
        }
        try (answer) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
