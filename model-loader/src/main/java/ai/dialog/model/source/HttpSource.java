package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file on a web server. Redirects are followed here and not by the client, because a token must not go along to another
 * host and none may lead from https to http.
 */
final class HttpSource implements ByteSource {

    private static final int MAX_REDIRECTS = 10;
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HttpClient client;
    private final URI uri;
    private final @Nullable String token;
    private final Duration stall;

    /**
     * Names a file; nothing is sent yet.
     *
     * @param client must not follow redirects
     * @param token for the {@code Authorization} header, sent to this URL's host only
     * @param stall how long the server may send nothing in the middle of the file
     */
    HttpSource(HttpClient client, URI uri, @Nullable String token, Duration stall) {
        this.client = client;
        this.uri = uri;
        this.token = token;
        this.stall = stall;
    }

    /** A client as {@link HttpSource} needs it. */
    static HttpClient client() {
        return HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    /** A URL without user, query and fragment, any of which may be a secret. */
    static String shown(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return uri.getScheme() + "://" + uri.getHost() + port + Objects.requireNonNullElse(uri.getRawPath(), "");
    }

    @Override
    public String shown() {
        return shown(uri);
    }

    @Override
    public Opened open(long offset, @Nullable String tag) throws IOException {
        URI current = uri;
        for (int redirect = 0; redirect <= MAX_REDIRECTS; redirect++) {
            HttpResponse<InputStream> response = send(request(current, offset, tag));
            int status = response.statusCode();
            if (status == 200 || status == 206) {
                return opened(response, offset);
            }
            response.body().close();
            if (status == 416 && offset > 0) {
                return open(0, null);
            }
            if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
                throw refused(status);
            }
            current = redirected(current, response);
        }
        throw new ModelException(shown() + " redirects more than " + MAX_REDIRECTS + " times");
    }

    private HttpRequest request(URI target, long offset, @Nullable String tag) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target)
                .timeout(ANSWER)
                .header("User-Agent", "ai-dialog")
                .header("Accept-Encoding", "identity");
        if (token != null && sameOrigin(uri, target)) {
            request.header("Authorization", "Bearer " + token);
        }
        if (offset > 0 && tag != null) {
            request.header("Range", "bytes=" + offset + "-").header("If-Range", tag);
        }
        return request.build();
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    private Opened opened(HttpResponse<InputStream> response, long asked) throws IOException {
        InputStream body = new StallingStream(response.body(), stall);
        String etag = response.headers().firstValue("ETag").orElse(null);
        String strong = etag == null || etag.startsWith("W/") ? null : etag;
        if (response.statusCode() == 200) {
            return new Opened(
                    body,
                    0,
                    response.headers().firstValueAsLong("Content-Length").orElse(-1),
                    strong);
        }
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches() || Long.parseLong(range.group(1)) != asked) {
            body.close();
            throw new ModelException(shown() + " answered another part of the file than it was asked for");
        }
        long total = range.group(3).equals("*") ? -1 : Long.parseLong(range.group(3));
        return new Opened(body, asked, total, strong);
    }

    private URI redirected(URI from, HttpResponse<InputStream> response) {
        String location = response.headers().firstValue("Location").orElse("");
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new ModelException(shown() + " redirects to something that is no URL", e);
        }
        boolean downgrade = "https".equalsIgnoreCase(from.getScheme()) && !"https".equalsIgnoreCase(to.getScheme());
        if (location.isEmpty() || downgrade || !ModelReference.secure(to)) {
            throw new ModelException(shown() + " redirects to " + shown(to) + ", which is not https");
        }
        return to;
    }

    private static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    private RuntimeException refused(int status) throws IOException {
        if (status == 408 || status == 429 || status >= 500) {
            throw new IOException(shown() + " answered " + status);
        }
        String hint = switch (status) {
            case 401, 403 ->
                token == null
                        ? "; it wants a login or a permission, for Hugging Face a token in HF_TOKEN"
                        : "; the token in HF_TOKEN has no permission for it, or its licence was not accepted yet";
            case 404, 410 -> "; there is no such file, or it is private";
            default -> "";
        };
        return new ModelException(shown() + " answered " + status + hint);
    }
}
