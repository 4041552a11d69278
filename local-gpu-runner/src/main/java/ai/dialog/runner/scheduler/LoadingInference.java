package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Readiness.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Stands in for an {@link Inference} that is still being made, so that a server can answer {@code /health} while its
 * model loads. A request waits for it for some seconds, which is enough for a model that was converted before; a download
 * takes longer, and the caller is told to come back. Once {@link #ready} is called every call goes through to the real one.
 */
public final class LoadingInference implements Inference {

    /** A guess: loading takes seconds from the cache, minutes when it must download first. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /** Clients wait longer than that for a first token, and load balancers for a first byte. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final int mostWaiting;
    private final Duration patience;
    private final AtomicInteger waiting = new AtomicInteger();
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private volatile State state = new State(null, Status.LOADING, "loading the model");

    /**
     * Loading has begun.
     *
     * @param mostWaiting how many requests may wait for the model; others are told to come back at once
     */
    public LoadingInference(int mostWaiting) {
        this(mostWaiting, PATIENCE);
    }

    /** The same with a longest wait of one's own. */
    LoadingInference(int mostWaiting, Duration patience) {
        this.mostWaiting = mostWaiting;
        this.patience = patience;
    }

    /** Says what is being done, for {@code /health}; without effect once loading is over. */
    public synchronized void progress(String detail) {
        if (state.status == Status.LOADING) {
            state = new State(null, Status.LOADING, detail);
        }
    }

    /** Loading is over: all calls go to {@code inference} from now on. */
    public synchronized void ready(Inference inference) {
        state = new State(Objects.requireNonNull(inference), Status.HEALTHY, "");
        over.complete(true);
    }

    /**
     * Loading has failed.
     *
     * @param reason for a person, free of secrets and paths
     */
    public synchronized void failed(String reason) {
        state = new State(null, Status.UNHEALTHY, reason);
        over.complete(false);
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.defer(() -> state.status == Status.LOADING ? whenLoaded(request) : now(request));
    }

    private Flux<CompletionChunk> now(CompletionRequest request) {
        var now = state;
        return now.inference == null ? Flux.error(now.refusal()) : now.inference.complete(request);
    }

    private Flux<CompletionChunk> whenLoaded(CompletionRequest request) {
        if (waiting.incrementAndGet() > mostWaiting) {
            waiting.decrementAndGet();
            return now(request);
        }
        return Mono.fromFuture(over, true)
                .publishOn(Schedulers.parallel()) // not on the thread that loads, which has more to do
                .timeout(patience, Mono.just(false))
                .doFinally(end -> waiting.decrementAndGet())
                .flatMapMany(loaded -> now(request));
    }

    /** The real one's models; none before it is ready. */
    @Override
    public List<ModelCard> models() {
        var inference = state.inference;
        return inference == null ? List.of() : inference.models();
    }

    @Override
    public Readiness readiness() {
        var now = state;
        return now.inference == null ? new Readiness(now.status, now.detail, 0, 0, 0) : now.inference.readiness();
    }

    private record State(@Nullable Inference inference, Status status, String detail) {

        InferenceException refusal() {
            return status == Status.LOADING
                    ? new InferenceException(
                            InferenceException.Kind.UNAVAILABLE,
                            "The model is still loading; try again in a few seconds.",
                            null,
                            RETRY_AFTER,
                            null)
                    : new InferenceException(
                            InferenceException.Kind.UNAVAILABLE, "The model could not be loaded: " + detail);
        }
    }
}
