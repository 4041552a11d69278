package ai.dialog.runner.http;

import static io.netty.handler.codec.http.HttpStatusClass.INFORMATIONAL;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

    private final OpenConnections open;
    private boolean refused;
    private boolean inRequest;
    private boolean hasBody;
    private int unanswered;
    private boolean lastAnswer;
    private boolean sawMessage;
    private boolean malformed;
    private boolean lingering;
    private boolean unsound;
    private @Nullable ScheduledFuture<?> headDeadline;

    private ConnectionGuard(OpenConnections open) {
        this.open = open;
    }

    /**
     * Adds a guard to each of the server's connections.
     *
     * @param patience how long a client may take nothing of an answer that waits for it
     */
    static HttpServer on(HttpServer server, OpenConnections open, Duration patience) {
        return server.doOnChannelInit((observer, channel, remote) -> channel.pipeline()
                .addFirst("stalledReaderGuard", new StalledReaderGuard(patience))
                .addBefore(NettyPipeline.HttpTrafficHandler, "connectionGuard", new ConnectionGuard(open)));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        var peer = context.channel().remoteAddress() instanceof InetSocketAddress known ? known.getAddress() : null;
        refused = !open.add(peer);
        if (refused) {
            answerAndClose(context, HttpResponseStatus.SERVICE_UNAVAILABLE);
        } else {
            context.channel().closeFuture().addListener(closed -> open.remove(peer));
            super.channelActive(context);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        sawMessage = true;
        if (refused || lingering || unsound) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request && !RequestHead.isSound(request)) {
            refuse(context, request);
            return;
        }
        if (message instanceof HttpRequest request) {
            inRequest = true;
            hasBody = request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                    || request.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
            unanswered++;
            malformed = request.decoderResult().isFailure();
            cancelDeadline();
        }
        if (message instanceof LastHttpContent) {
            inRequest = false;
        }
        super.channelRead(context, message);
    }

    /** Whatever comes after such a head may be another's request to one reader and this one's body to another. */
    private void refuse(ChannelHandlerContext context, HttpRequest request) {
        unsound = true;
        inRequest = true;
        ReferenceCountUtil.release(request);
        cancelDeadline();
        if (unanswered > 0) {
            closeNow(context);
        } else {
            answerAndClose(context, HttpResponseStatus.BAD_REQUEST);
        }
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
        if (lingering) {
            context.channel().closeFuture().addListener(closed -> promise.trySuccess());
            return;
        }
        if (!(context.channel() instanceof DuplexChannel channel) || !channel.isActive() || !mayLinger(channel)) {
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

    /** Where nothing is unread there is no need to; refused connections may be too many for it. */
    private boolean mayLinger(DuplexChannel channel) {
        if (refused && open.mayLinger()) {
            channel.closeFuture().addListener(closed -> open.leaves());
            return true;
        }
        return !refused && (inRequest || malformed);
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
            send(context, worded, promise);
        } else {
            send(context, message, promise);
        }
    }

    /** An answer to a request whose body is not all read is the connection's last: what is left is not worth reading. */
    private void send(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        boolean interim = message instanceof HttpResponse some && some.status().codeClass() == INFORMATIONAL;
        if (message instanceof HttpResponse response && !interim && inRequest && hasBody && unanswered == 1) {
            lastAnswer = true;
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var sent = promise;
        if (message instanceof LastHttpContent && !interim) {
            unanswered--;
            if (lastAnswer) {
                sent = promise.unvoid();
                sent.addListener(done -> close(context, context.newPromise()));
            }
        }
        super.write(context, message, sent);
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
