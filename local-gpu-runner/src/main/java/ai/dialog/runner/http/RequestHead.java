package ai.dialog.runner.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * What a request's head must be beyond Netty's own checks, so that a proxy in front and this server never disagree about
 * where a request is meant for and where it ends.
 */
final class RequestHead {

    private RequestHead() {}

    /** Whether it has one Host (RFC 9112, 3.2) and, where a transfer coding is named, that one alone is chunked (6.1). */
    static boolean isSound(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            // has an answer of its own already
            return true;
        }
        var hosts = request.headers().getAll(HttpHeaderNames.HOST);
        boolean oneHost = hosts.size() == 1 && !hosts.getFirst().isBlank();
        if (!oneHost && (hosts.size() > 1 || request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
            return false;
        }
        var codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.isEmpty()
                || (codings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst()));
    }
}
