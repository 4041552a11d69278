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
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Stands in for an {@link Inference} that is still being made, so that a server can answer {@code /health} while its
 * model loads. Once {@link #ready} is called every call goes through to the real one.
 */
public final class LoadingInference implements Inference {

    /** A guess: loading takes seconds from the cache, minutes when it must download first. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private volatile State state = new State(null, Status.LOADING, "loading the model");

    /** Says what is being done, for {@code /health}; without effect once loading is over. */
    public synchronized void progress(String detail) {
        if (state.status == Status.LOADING) {
            state = new State(null, Status.LOADING, detail);
        }
    }

    /** Loading is over: all calls go to {@code inference} from now on. */
    public synchronized void ready(Inference inference) {
        state = new State(Objects.requireNonNull(inference), Status.HEALTHY, "");
    }

    /**
     * Loading has failed.
     *
     * @param reason for a person, free of secrets and paths
     */
    public synchronized void failed(String reason) {
        state = new State(null, Status.UNHEALTHY, reason);
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.defer(() -> {
            var now = state;
            return now.inference == null ? Flux.error(now.refusal()) : now.inference.complete(request);
        });
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
