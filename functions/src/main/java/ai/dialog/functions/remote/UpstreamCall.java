package ai.dialog.functions.remote;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One exchange with the model server whose connection is closed as soon as nobody wants its answer any more.
 *
 * <p>The JDK's client hands out a body that must be read or cancelled, or its connection stays open for ever. A caller can
 * leave at three moments: before the headers came (the exchange is cancelled), while the body is read (its subscription is
 * cancelled), and between the two, when the body was made but nobody has it yet. {@link Body#close} is for the last one: the
 * arrival of the headers publishes the body and then looks for the caller's leave, the caller's leave is noted and then
 * looks for a body, so that at least one of them sees the other.
 */
final class UpstreamCall {

    /** What came first. */
    record Answer(int status, HttpHeaders headers, Flux<ByteBuffer> body) {}

    private UpstreamCall() {}

    /** Sends the request when subscribed to; fails with what the client fails with. */
    // The future of the callback tells nothing that the sink is not told.
    @SuppressWarnings("FutureReturnValueIgnored")
    static Mono<Answer> send(HttpClient client, HttpRequest request) {
        return Mono.create(sink -> {
            AtomicReference<@Nullable Body> arrived = new AtomicReference<>();
            AtomicBoolean left = new AtomicBoolean();
            CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> exchange =
                    client.sendAsync(request, HttpResponse.BodyHandlers.ofPublisher());
            sink.onCancel(() -> {
                left.set(true);
                exchange.cancel(true);
                Body body = arrived.get();
                if (body != null) {
                    body.close();
                }
            });
            exchange.whenComplete((response, failure) -> {
                if (failure != null) {
                    sink.error(
                            failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure);
                    return;
                }
                Body body = new Body(response.body());
                arrived.set(body);
                if (left.get()) {
                    body.close();
                } else {
                    sink.success(new Answer(response.statusCode(), response.headers(), body.read()));
                }
            });
        });
    }

    /** A response body that is either read, once, or thrown away. */
    private static final class Body {
        private final Flow.Publisher<List<ByteBuffer>> publisher;
        private final AtomicBoolean taken = new AtomicBoolean();

        Body(Flow.Publisher<List<ByteBuffer>> publisher) {
            this.publisher = publisher;
        }

        /** Demand is passed on a buffer list (16 KiB at most) at a time: a slow reader slows the server down. */
        Flux<ByteBuffer> read() {
            return Flux.defer(() -> taken.compareAndSet(false, true)
                    ? JdkFlowAdapter.flowPublisherToFlux(publisher).concatMapIterable(buffers -> buffers, 1)
                    : Flux.empty());
        }

        void close() {
            if (taken.compareAndSet(false, true)) {
                JdkFlowAdapter.flowPublisherToFlux(publisher).subscribe().dispose();
            }
        }
    }
}
