package ai.dialog.runner.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Guards one connection, just behind Netty's HTTP codec: refuses it where too many are open, ends it where a request's
 * head comes in drop by drop (which would outlive an idle timeout for ever), closes gently, and gives the errors that Netty answers by
 * itself, such as a malformed request line, OpenAI's error object for a body.
 */
final class ConnectionGuard extends ChannelDuplexHandler {

    /** A head is at most a few packets; nobody honest needs longer. */
    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(15);

    /** How long a client that still sends may take to read why it was refused. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final AtomicInteger open;
    private final int limit;
    private boolean refused;
    private boolean inRequest;
    private boolean sawMessage;
    private boolean malformed;
    private boolean lingering;
    private @Nullable ScheduledFuture<?> headDeadline;

    private ConnectionGuard(AtomicInteger open, int limit) {
        this.open = open;
        this.limit = limit;
    }

    /** Adds a guard to each of the server's connections, of which at most {@code limit} are open at once. */
    static HttpServer on(HttpServer server, int limit) {
        var open = new AtomicInteger();
        return server.doOnChannelInit((observer, channel, remote) -> channel.pipeline()
                .addBefore(NettyPipeline.HttpTrafficHandler, "connectionGuard", new ConnectionGuard(open, limit)));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        refused = open.incrementAndGet() > limit;
        context.channel().closeFuture().addListener(closed -> open.decrementAndGet());
        if (refused) {
            answerAndClose(context, HttpResponseStatus.SERVICE_UNAVAILABLE);
        } else {
            super.channelActive(context);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        sawMessage = true;
        if (refused || lingering) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            inRequest = true;
            malformed = request.decoderResult().isFailure();
            cancelDeadline();
        }
        if (message instanceof LastHttpContent) {
            inRequest = false;
        }
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (!sawMessage && !inRequest && !refused && headDeadline == null) {
            headDeadline = context.executor()
                    .schedule(
                            () -> answerAndClose(context, HttpResponseStatus.REQUEST_TIMEOUT),
                            HEAD_TIMEOUT.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
        sawMessage = false;
        super.channelReadComplete(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        cancelDeadline();
        if (!refused) {
            super.channelInactive(context);
        }
    }

    /**
     * Closes when the client has taken what was said. To close a socket that holds unread bytes resets the connection, and
     * the client may never see the answer that says its body is too large (RFC 9112, section 9.6).
     */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
        boolean unread = inRequest || malformed || refused;
        if (!unread || lingering || !(context.channel() instanceof DuplexChannel channel) || !channel.isActive()) {
            super.close(context, promise);
            return;
        }
        lingering = true;
        channel.config().setAutoRead(true);
        var end = context.executor().schedule(() -> closeNow(context), LINGER.toMillis(), TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> {
            end.cancel(false);
            promise.trySuccess();
        });
        channel.shutdownOutput().addListener(shut -> context.read());
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof FullHttpResponse bare
                && bare.status().code() >= 400
                && !bare.content().isReadable()
                && !bare.headers().contains(HttpHeaderNames.CONTENT_TYPE)) {
            var worded = response(bare.status());
            bare.headers()
                    .remove(HttpHeaderNames.CONTENT_LENGTH)
                    .forEach(header -> worded.headers().set(header.getKey(), header.getValue()));
            bare.release();
            super.write(context, worded, promise);
        } else {
            super.write(context, message, promise);
        }
    }

    private static void closeNow(ChannelHandlerContext context) {
        context.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private void cancelDeadline() {
        if (headDeadline != null) {
            headDeadline.cancel(false);
            headDeadline = null;
        }
    }

    private static void answerAndClose(ChannelHandlerContext context, HttpResponseStatus status) {
        var response = response(status);
        response.headers().set(HttpHeaderNames.CONNECTION, "close");
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static FullHttpResponse response(HttpResponseStatus status) {
        var body = HttpErrors.body(status.code());
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("x-content-type-options", "nosniff");
        return response;
    }
}
