package ai.dialog.runner.http;

import ai.dialog.functions.http.BodyException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Reads a request's body whole, within a size and a time. Its bytes are copied as they come: to keep the network's buffers
 * until the end would cost a hundred bytes and more for each chunk, and a chunk may be one byte.
 */
final class RequestBody {

    private static final int FIRST_BYTES = 4 * 1024;

    private final int limit;
    private byte[] bytes = new byte[0];
    private int length;

    private RequestBody(int limit) {
        this.limit = limit;
    }

    /**
     * The body; empty where there is none.
     *
     * @return fails with a {@link BodyException} as soon as the body is known to be too long, without reading the rest, and
     *     when it has not arrived in time
     */
    static Mono<ByteBuffer> collect(ServerHttpRequest request, ServerSettings.Bounds bounds) {
        if (request.getHeaders().getContentLength() > bounds.bodyBytes()) {
            return Mono.error(BodyException.tooLarge(bounds.bodyBytes()));
        }
        return request.getBody()
                .reduceWith(() -> new RequestBody(bounds.bodyBytes()), RequestBody::add)
                .map(body -> ByteBuffer.wrap(body.bytes, 0, body.length))
                .timeout(bounds.bodyTimeout())
                .onErrorMap(TimeoutException.class, tooSlow -> BodyException.tooSlow(bounds.bodyTimeout()));
    }

    private RequestBody add(DataBuffer piece) {
        try {
            int count = piece.readableByteCount();
            if (count > limit - length) {
                throw BodyException.tooLarge(limit);
            }
            if (count > bytes.length - length) {
                int doubled = Math.min(limit, Math.max(FIRST_BYTES, 2 * bytes.length));
                bytes = Arrays.copyOf(bytes, Math.max(doubled, length + count));
            }
            piece.read(bytes, length, count);
            length += count;
            return this;
        } finally {
            DataBufferUtils.release(piece);
        }
    }
}
