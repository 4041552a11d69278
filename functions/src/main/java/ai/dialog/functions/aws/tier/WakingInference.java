package ai.dialog.functions.aws.tier;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An inference whose model server may be scaled to zero. A request that does not reach it starts it, and fails with
 * {@link Kind#STARTING} and the time that the start is thought to take yet. Its models are asked for by callers with a key and
 * on the way of a generation, so that asking for them starts it as well; its readiness is asked for by monitors all night, and
 * tells the same and starts nothing.
 *
 * <p>Where ECS does not answer, or the containers run, the request fails as it would without this. It costs nothing while the
 * model server answers: ECS is not asked, and its client is not loaded.
 */
public final class WakingInference implements Inference {

    private static final Logger LOG = LoggerFactory.getLogger(WakingInference.class);

    private final Inference inference;
    private final Supplier<Tier> opening;
    private final Scheduler blocking = Schedulers.fromExecutor(Executors.newVirtualThreadPerTaskExecutor());
    private volatile @Nullable Tier tier;

    WakingInference(Inference inference, Supplier<Tier> opening) {
        this.inference = inference;
        this.opening = opening;
    }

    /** The inference, woken where there are settings of what to wake. */
    public static Inference around(Inference inference, @Nullable TierSettings settings) {
        return settings == null
                ? inference
                : new WakingInference(
                        inference, () -> new Tier(EcsService.open(settings), settings.start(), InstantSource.system()));
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        // of that kind are only failures before the first text
        return inference
                .complete(request)
                .onErrorResume(
                        WakingInference::outOfReach,
                        failure -> Mono.fromCallable(() -> told(failure, look(true)))
                                .subscribeOn(blocking)
                                .flatMapMany(Flux::error));
    }

    @Override
    public List<ModelCard> models() {
        try {
            return inference.models();
        } catch (InferenceException failure) {
            if (outOfReach(failure)) {
                TierState woken = look(true);
                // a function that may look and not start, as that of the models, still tells what it sees
                throw told(failure, woken != null ? woken : look(false));
            }
            throw failure;
        }
    }

    @Override
    public Readiness readiness() {
        Readiness server = inference.readiness();
        if (server.status() == Readiness.Status.HEALTHY) {
            return server;
        }
        TierState state = look(false);
        return switch (state) {
            case null -> server;
            case TierState.Asleep asleep -> readiness(Readiness.Status.ASLEEP, asleep(asleep.start()));
            case TierState.Starting starting -> readiness(Readiness.Status.STARTING, starting(starting));
            case TierState.Running running -> server;
            case TierState.Failed failed ->
                readiness(Readiness.Status.UNHEALTHY, "the model's containers do not start");
        };
    }

    private static Readiness readiness(Readiness.Status status, String detail) {
        return new Readiness(status, detail, 0, 0, 0);
    }

    private static boolean outOfReach(Throwable failure) {
        return failure instanceof InferenceException known && known.kind() == Kind.UNAVAILABLE;
    }

    private static Throwable told(Throwable failure, @Nullable TierState state) {
        return failure instanceof InferenceException known ? told(known, state) : failure;
    }

    private static InferenceException told(InferenceException failure, @Nullable TierState state) {
        return switch (state) {
            case null -> failure;
            case TierState.Asleep asleep ->
                new InferenceException(
                        Kind.STARTING,
                        "The model is %s.".formatted(asleep(asleep.start())),
                        null,
                        asleep.start(),
                        failure);
            case TierState.Starting starting ->
                new InferenceException(
                        Kind.STARTING,
                        "The model is not running yet: %s.".formatted(starting(starting)),
                        null,
                        starting.remaining(),
                        failure);
            case TierState.Running running -> failure;
            case TierState.Failed failed ->
                new InferenceException(
                        Kind.UNAVAILABLE,
                        "The model's containers do not start; whoever runs this service must look at them.",
                        null,
                        failure.retryAfter(),
                        failure);
        };
    }

    private static String asleep(Duration start) {
        return "scaled to zero; the next request for the model starts it, which takes about %d seconds"
                .formatted(start.toSeconds());
    }

    private static String starting(TierState.Starting state) {
        return state.late()
                ? "its start takes longer than the usual %d seconds, ask again in %d seconds"
                        .formatted(state.usual().toSeconds(), state.remaining().toSeconds())
                : "it is being started and should answer in about %d seconds"
                        .formatted(state.remaining().toSeconds());
    }

    /** Null where it cannot be told. */
    private @Nullable TierState look(boolean wake) {
        try {
            Tier there = tier();
            return wake ? there.wake() : there.state();
        } catch (RuntimeException failure) {
            // the SDK's messages have request ids and resource names in them, never a credential
            LOG.warn("The model's containers could not be asked after or started: {}", failure.toString());
            return null;
        }
    }

    private synchronized Tier tier() {
        Tier opened = tier;
        if (opened == null) {
            opened = opening.get();
            tier = opened;
        }
        return opened;
    }
}
