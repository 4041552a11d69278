package ai.dialog.functions.http;

import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.WireJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bodies in and out: JSON within limits, and server-sent events. */
final class Bodies {

    private static final byte[] EVENT = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT_END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final String JSON = "application/json";

    private final JsonMapper json;

    Bodies(int maxBytes) {
        json = WireJson.mapper(maxBytes);
    }

    /** Whether the request says that its body is JSON in UTF-8. */
    boolean isJson(HttpRequest request) {
        var types = request.headers().getOrDefault("content-type", List.of());
        if (types.size() != 1) {
            return false;
        }
        String[] parts = types.getFirst().toLowerCase(Locale.ROOT).split(";", -1);
        if (!parts[0].strip().equals(JSON)) {
            return false;
        }
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().replace("\"", "");
            if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
                return false;
            }
        }
        return true;
    }

    /** The body as a tree. */
    JsonNode read(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        try {
            var tree = json.readTree(bytes);
            if (tree.isMissingNode()) {
                throw new InvalidRequestException("The request body is empty.", null, "invalid_json");
            }
            return tree;
        } catch (StreamConstraintsException e) {
            throw malformed(
                    "goes beyond a limit (depth %d, 100 digits, a million tokens)".formatted(WireJson.MAX_DEPTH), e);
        } catch (JacksonException e) {
            String message = e.getOriginalMessage();
            boolean twice = message != null && message.toLowerCase(Locale.ROOT).contains("duplicate");
            throw malformed(twice ? "has the same field twice" : "is not valid JSON", e);
        }
    }

    private static InvalidRequestException malformed(String how, JacksonException e) {
        // Jackson's own message is not passed on: it may quote the body
        var at = e.getLocation();
        String where = at == null || at.getLineNr() < 1
                ? ""
                : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
        return new InvalidRequestException("The request body " + how + where + ".", null, "invalid_json");
    }

    HttpResponse json(int status, Object body) {
        return response(status, Map.of(), json.writeValueAsBytes(body));
    }

    HttpResponse jsonText(String text) {
        return response(200, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    HttpResponse error(ApiError error) {
        return response(error.status(), error.headers(), json.writeValueAsBytes(error.body()));
    }

    /** Server-sent events that end in {@code [DONE]}, or in an error object where the stream fails on its way. */
    HttpResponse events(Flux<Object> values, Function<Throwable, ApiError> onError) {
        var events = values.map(value -> event(json.writeValueAsBytes(value)))
                .concatWith(Flux.defer(() -> Flux.just(event("[DONE]".getBytes(StandardCharsets.US_ASCII)))))
                .onErrorResume(error -> Flux.just(
                        event(json.writeValueAsBytes(onError.apply(error).body()))));
        // proxies must not wait for the end (nginx reads x-accel-buffering)
        return new HttpResponse(
                200,
                Map.of(
                        "content-type", "text/event-stream; charset=utf-8",
                        "cache-control", "no-cache, no-transform",
                        "x-accel-buffering", "no"),
                events);
    }

    private static ByteBuffer event(byte[] data) {
        return ByteBuffer.allocate(EVENT.length + data.length + EVENT_END.length)
                .put(EVENT)
                .put(data)
                .put(EVENT_END)
                .flip();
    }

    private static HttpResponse response(int status, Map<String, String> more, byte[] body) {
        var headers = new LinkedHashMap<>(more);
        headers.put("content-type", JSON);
        headers.put("content-length", Integer.toString(body.length));
        headers.put("cache-control", "no-store");
        return new HttpResponse(status, headers, Flux.defer(() -> Flux.just(ByteBuffer.wrap(body))));
    }
}
