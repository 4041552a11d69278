package ai.dialog.runner.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose client takes nothing of an answer that waits for it. Without it a client that stops reading in
 * the middle of a stream keeps its connection, and what is generated for it, for as long as it likes: Netty's idle timeout
 * runs between requests only. A client that reads slowly, but reads, is left alone.
 */
final class StalledReaderGuard extends IdleStateHandler {

    /**
     * A guard of one connection.
     *
     * @param patience how long not a byte may be taken
     */
    StalledReaderGuard(Duration patience) {
        // observing the output, so that a part of a large write that was taken counts
        super(true, 0, patience.toMillis(), 0, TimeUnit.MILLISECONDS);
    }

    /** Nothing was written for a while: because there was nothing, or because the client takes nothing. */
    @Override
    protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
        var waiting = context.channel().unsafe().outboundBuffer();
        if (waiting != null && waiting.totalPendingWriteBytes() > 0) {
            context.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }
}
