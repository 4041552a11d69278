package ai.dialog.runner.http;

import ai.dialog.functions.audit.AuditEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * The chat page: a handful of files by their exact paths, read once and kept in memory. Every other path is a 404; no path
 * of a request ever becomes a path of a file.
 */
final class PageHandler implements WebHandler {

    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final MediaType JAVASCRIPT = new MediaType("text", "javascript", StandardCharsets.UTF_8);
    private static final MediaType CSS = new MediaType("text", "css", StandardCharsets.UTF_8);
    private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);
    private static final MediaType SVG = new MediaType("image", "svg+xml", StandardCharsets.UTF_8);

    private record PageFile(ByteBuffer content, MediaType type, String tag) {}

    private final Map<String, PageFile> files = Map.of(
            "/", read("index.html", HTML),
            "/app.js", read("app.js", JAVASCRIPT),
            "/api.js", read("api.js", JAVASCRIPT),
            "/markdown.js", read("markdown.js", JAVASCRIPT),
            "/store.js", read("store.js", JAVASCRIPT),
            "/theme.js", read("theme.js", JAVASCRIPT),
            "/view.js", read("view.js", JAVASCRIPT),
            "/style.css", read("style.css", CSS),
            "/icon.svg", read("icon.svg", SVG));

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        var request = exchange.getRequest();
        var file = files.get(request.getURI().getRawPath());
        if (file == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return Mono.deferContextual(context -> {
            AuditEntry.of(context).route(request.getURI().getRawPath());
            return answer(exchange, file);
        });
    }

    private static Mono<Void> answer(ServerWebExchange exchange, PageFile file) {
        var request = exchange.getRequest();
        var response = exchange.getResponse();
        if (!METHODS.contains(request.getMethod())) {
            throw new MethodNotAllowedException(request.getMethod(), METHODS);
        }
        var headers = response.getHeaders();
        if (request.getMethod().equals(HttpMethod.OPTIONS)) {
            headers.setAllow(METHODS);
            response.setStatusCode(HttpStatus.NO_CONTENT);
            return response.setComplete();
        }
        headers.setETag(file.tag());
        headers.setCacheControl("no-cache");
        if (hasSeen(request.getHeaders(), file)) {
            response.setStatusCode(HttpStatus.NOT_MODIFIED);
            return response.setComplete();
        }
        headers.setContentType(file.type());
        headers.setContentLength(file.content().remaining());
        return response.writeWith(Mono.fromSupplier(
                () -> response.bufferFactory().wrap(file.content().duplicate())));
    }

    /** By the tag's own text, quotes and all: Spring's reader of the header fails on one that is malformed. */
    private static boolean hasSeen(HttpHeaders headers, PageFile file) {
        return headers.getOrEmpty(HttpHeaders.IF_NONE_MATCH).stream().anyMatch(value -> value.contains(file.tag()));
    }

    private static PageFile read(String name, MediaType type) {
        try (var in = PageHandler.class.getResourceAsStream("/page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("The page's file " + name + " is missing from this build.");
            }
            var content = in.readAllBytes();
            var digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new PageFile(
                    ByteBuffer.wrap(content).asReadOnlyBuffer(),
                    type,
                    '"' + HexFormat.of().formatHex(digest, 0, 16) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
