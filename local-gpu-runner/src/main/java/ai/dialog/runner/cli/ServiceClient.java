package ai.dialog.runner.cli;

import ai.dialog.functions.openai.TokenRequest;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Short calls to a running service. On {@link HttpURLConnection}: it starts in a tenth of the time of the newer client, and
 * a command line makes one call.
 */
final class ServiceClient {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Pattern TOLD = Pattern.compile("(?i)x-(key-expires|ratelimit-[a-z-]+)");
    private static final int LONGEST_ANSWER_BYTES = 1 << 20;

    private final URI base;
    private final String apiKey;
    private final @Nullable SSLSocketFactory trusted;

    /**
     * A client of one service.
     *
     * @param trusted makes the sockets of HTTPS; null for Java's own
     */
    ServiceClient(String base, String apiKey, @Nullable SSLSocketFactory trusted) {
        this.base = checked(base);
        this.trusted = trusted;
        if (apiKey.isBlank() || apiKey.chars().anyMatch(c -> c < 0x21 || c > 0x7e)) {
            throw new CliException(ExitCodes.USAGE, "the API key must be printable characters without spaces");
        }
        this.apiKey = apiKey;
    }

    /**
     * What a service answered.
     *
     * @param message of the error object; empty where there is none
     * @param date the header; null where there was none
     * @param told headers about the caller's key and limits
     */
    record Answer(int status, String message, @Nullable String date, Map<String, String> told) {}

    /** A fresh token. */
    String token(TokenRequest request) {
        JsonNode answer = post("/v1/tokens", Json.line(request));
        JsonNode token = answer.get("token");
        if (token == null || !token.isString()) {
            throw new CliException(
                    ExitCodes.SERVICE, base + " gave no token: is it an AI dialog service (see ai-dialog-cli serve)?");
        }
        return token.stringValue();
    }

    /** Whatever a GET is answered; fails only where nothing is. */
    Answer get(String path) {
        return call(path, connection -> {
            int status = connection.getResponseCode();
            Map<String, String> told = new TreeMap<>();
            connection.getHeaderFields().forEach((name, values) -> {
                if (name != null && TOLD.matcher(name).matches() && !values.isEmpty()) {
                    told.put(name.toLowerCase(Locale.ROOT), shown(values.getFirst()));
                }
            });
            return new Answer(status, message(body(connection, status)), connection.getHeaderField("Date"), told);
        });
    }

    private static String message(byte[] body) {
        try {
            return shown(JsonMapper.shared()
                    .readTree(body)
                    .path("error")
                    .path("message")
                    .asString(""));
        } catch (JacksonException e) {
            return "";
        }
    }

    /** Nothing that a terminal would take for more than text. */
    private static String shown(String text) {
        return text.replaceAll("\\p{C}", "?");
    }

    private JsonNode post(String path, String body) {
        return call(path, connection -> {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            int status = connection.getResponseCode();
            return read(status, body(connection, status));
        });
    }

    private static byte[] body(HttpURLConnection connection, int status) throws IOException {
        var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        return stream == null ? new byte[0] : stream.readNBytes(LONGEST_ANSWER_BYTES);
    }

    private interface Exchange<T> {
        T with(HttpURLConnection connection) throws IOException;
    }

    private <T> T call(String path, Exchange<T> exchange) {
        HttpURLConnection connection = null;
        try {
            connection = (HttpURLConnection) URI.create(base.toString().replaceAll("/+$", "") + path)
                    .toURL()
                    .openConnection();
            if (trusted != null && connection instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(trusted);
            }
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            connection.setInstanceFollowRedirects(false); // a redirect would carry the key elsewhere
            connection.setRequestProperty("Authorization", "Bearer " + apiKey);
            return exchange.with(connection);
        } catch (SSLHandshakeException e) {
            throw new CliException(
                    ExitCodes.SERVICE,
                    base + " cannot prove who it is: " + ErrorText.reason(e)
                            + ". If its certificate is self-made, name a copy of it with --ca-file");
        } catch (IOException e) {
            throw new CliException(
                    ExitCodes.SERVICE,
                    "cannot reach " + base + ": " + ErrorText.reason(e)
                            + ". Is the service running (ai-dialog-cli serve)? Name another with --url");
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }

    private JsonNode read(int status, byte[] answer) {
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(answer);
        } catch (JacksonException e) {
            throw new CliException(ExitCodes.SERVICE, base + " answered " + status + " without JSON");
        }
        if (status != 200) {
            String message = json.path("error").path("message").asString("");
            throw new CliException(
                    ExitCodes.SERVICE, base + " answered " + status + (message.isEmpty() ? "" : ": " + message));
        }
        return json;
    }

    private static URI checked(String base) {
        try {
            URI uri = new URI(base);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new CliException(ExitCodes.USAGE, "--url is not an address: " + ErrorText.reason(e));
        }
        throw new CliException(ExitCodes.USAGE, "--url must be like http://127.0.0.1:18789, and is " + base);
    }
}
