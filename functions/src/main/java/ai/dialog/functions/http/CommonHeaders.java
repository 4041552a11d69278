package ai.dialog.functions.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Flux;

/** The headers that every response has; no value comes from the request, but an origin that the settings name. */
final class CommonHeaders {

    /** When the caller's key ends, in RFC 3339 and UTC like every time of the API: 2026-12-01T09:30:00Z. */
    static final String KEY_EXPIRES = "x-key-expires";

    /**
     * What OpenAI's client for browsers sends, and what API Gateway may want ({@code x-api-key}), so that a preflight passes;
     * the functions read none but the first two.
     */
    private static final String ALLOWED_HEADERS = "authorization, content-type, x-api-key, openai-organization,"
            + " openai-project, x-stainless-arch, x-stainless-helper-method, x-stainless-lang, x-stainless-os, x-stainless-package-version,"
            + " x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version, x-stainless-timeout";

    private CommonHeaders() {}

    static HttpResponse add(HttpResponse response, String requestId) {
        var headers = new LinkedHashMap<>(response.headers());
        headers.put("x-request-id", requestId);
        headers.put("x-content-type-options", "nosniff");
        return new HttpResponse(response.status(), headers, response.body());
    }

    static HttpResponse add(HttpResponse response, String requestId, HttpRequest request, Set<String> corsOrigins) {
        var added = add(response, requestId);
        if (corsOrigins.isEmpty()) {
            return added;
        }
        var headers = new LinkedHashMap<>(added.headers());
        headers.put("vary", "Origin");
        var origins = request.headers().getOrDefault("origin", List.of());
        if (origins.size() == 1 && corsOrigins.contains(origins.getFirst())) {
            headers.put("access-control-allow-origin", origins.getFirst());
            headers.put(
                    "access-control-expose-headers", "x-request-id, retry-after, x-key-expires, " + LimitHeaders.NAMES);
            if (request.method().equals("OPTIONS")) {
                headers.put("access-control-allow-methods", "GET, POST");
                headers.put("access-control-allow-headers", ALLOWED_HEADERS);
                headers.put("access-control-max-age", "600");
            }
        }
        return new HttpResponse(added.status(), headers, added.body());
    }

    /** With what is told to this caller alone. */
    static HttpResponse add(HttpResponse response, Map<String, String> more) {
        if (more.isEmpty()) {
            return response;
        }
        var headers = new LinkedHashMap<>(response.headers());
        headers.putAll(more);
        return new HttpResponse(response.status(), headers, response.body());
    }

    /** What a path can be asked for. */
    static HttpResponse options(String methods) {
        return new HttpResponse(204, Map.of("allow", methods), Flux.empty());
    }
}
