package ai.dialog.functions.http;

import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * Waits for a stream's first signal, because the status of an HTTP response must be known before its body: an error there
 * fails the {@link Mono}; a value gives the stream, from that value on, with its requests and its cancellation passed
 * back to the source. Cancelling the {@link Mono} cancels the source.
 */
final class FirstSignal<T> extends BaseSubscriber<T> {

    private final MonoSink<Flux<T>> waiting;
    // the source's signals come one after the other, so the sink need not make sure of it
    private final Sinks.Many<T> stream = Sinks.unsafe().many().unicast().onBackpressureBuffer();
    private boolean started;

    private FirstSignal(MonoSink<Flux<T>> waiting) {
        this.waiting = waiting;
    }

    /** The stream, once it has begun; an empty one where the source has no values. */
    static <T> Mono<Flux<T>> of(Flux<T> source) {
        return Mono.create(waiting -> {
            var first = new FirstSignal<T>(waiting);
            waiting.onCancel(first);
            source.subscribe(first);
        });
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(1);
    }

    @Override
    protected void hookOnNext(T value) {
        stream.emitNext(value, Sinks.EmitFailureHandler.FAIL_FAST);
        if (!started) {
            started = true;
            waiting.success(stream.asFlux().doOnRequest(this::request).doOnCancel(this::cancel));
        }
    }

    @Override
    protected void hookOnError(Throwable error) {
        if (started) {
            stream.emitError(error, Sinks.EmitFailureHandler.FAIL_FAST);
        } else {
            waiting.error(error);
        }
    }

    @Override
    protected void hookOnComplete() {
        if (started) {
            stream.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);
        } else {
            waiting.success(Flux.empty());
        }
    }

    @Override
    public Context currentContext() {
        return Context.of(waiting.contextView());
    }
}
