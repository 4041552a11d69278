package ai.dialog.functions.http;

import java.nio.ByteBuffer;
import java.util.Map;
import reactor.core.publisher.Flux;

/**
 * The answer to one {@link HttpRequest}. Its body must be subscribed to, once: cancelling it is how a server says that
 * the client has left, and stops the generation. It never fails.
 *
 * @param headers names in lower case
 * @param body one chunk for JSON; one for each server-sent event, to be flushed as it comes
 */
public record HttpResponse(int status, Map<String, String> headers, Flux<ByteBuffer> body) {
    public HttpResponse {
        headers = Map.copyOf(headers);
    }

    /** The same head, as HEAD is answered. */
    HttpResponse withoutBody() {
        return new HttpResponse(status, headers, Flux.empty());
    }
}
