package ai.dialog.functions.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import reactor.core.publisher.Flux;

/**
 * The OpenAPI 3.1 document of the service, {@code openapi.json} beside this class: written by hand, and held to what the
 * service does by tests. It is the same in every deployment, so that caches may keep it.
 */
final class OpenApiDocument {

    /** Read at the first request: most starts of a Lambda function are for something else. */
    private static final class Content {
        static final ByteBuffer BYTES = read();
    }

    private OpenApiDocument() {}

    static HttpResponse response() {
        return new HttpResponse(
                200,
                Map.of(
                        "content-type", "application/json",
                        "content-length", Integer.toString(Content.BYTES.remaining()),
                        "cache-control", "public, max-age=3600"),
                Flux.defer(() -> Flux.just(Content.BYTES.duplicate())));
    }

    private static ByteBuffer read() {
        try (var in = OpenApiDocument.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is missing from this build");
            }
            return ByteBuffer.wrap(in.readAllBytes()).asReadOnlyBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
