package ai.dialog.runner.http;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** Reads a request's body whole, within a size and a time. */
final class RequestBody {

    private RequestBody() {}

    /**
     * The body; empty where there is none.
     *
     * @return fails with status 413 as soon as the body is known to be too long, without reading the rest, and with 408
     *     when it has not arrived in time
     */
    static Mono<ByteBuffer> collect(ServerHttpRequest request, ServerSettings settings) {
        if (request.getHeaders().getContentLength() > settings.bodyLimit()) {
            return Mono.error(new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE));
        }
        return DataBufferUtils.join(request.getBody(), settings.bodyLimit())
                .map(RequestBody::copy)
                .defaultIfEmpty(ByteBuffer.allocate(0))
                .timeout(settings.bodyTimeout())
                .onErrorMap(
                        DataBufferLimitException.class,
                        tooLong -> new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE))
                .onErrorMap(TimeoutException.class, tooSlow -> new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT));
    }

    private static ByteBuffer copy(DataBuffer joined) {
        try {
            var bytes = new byte[joined.readableByteCount()];
            joined.read(bytes);
            return ByteBuffer.wrap(bytes);
        } finally {
            DataBufferUtils.release(joined);
        }
    }
}
