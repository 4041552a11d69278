package ai.dialog.runner.upstream;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.remote.RemoteInference;
import ai.dialog.functions.remote.RemoteSettings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A {@link RemoteInference} for a server whose threads must not wait. To ask the model server for its models or its health
 * takes as long as that server likes; here a thread of its own asks, every two seconds, and every caller is told what was
 * heard last.
 */
public final class UpstreamInference implements Inference, AutoCloseable {

    /** As often as load balancers look. */
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** How long a load balancer usually takes to have another server at the same address. */
    private static final Duration RETRY_AFTER_DRAIN = Duration.ofSeconds(5);

    private final RemoteInference remote;
    private final @Nullable ModelCard named;
    private final Thread watch;
    private volatile Readiness readiness = state(Readiness.Status.LOADING, "the model server was not heard from yet");
    private volatile List<ModelCard> models;
    private final Object ends = new Object();
    private boolean draining;
    private int running;

    /** Connects at the first call; the server need not be there yet. */
    public UpstreamInference(RemoteSettings settings) {
        this.remote = new RemoteInference(settings);
        String model = settings.model();
        this.named = model == null ? null : new ModelCard(model, 0, "", 0);
        this.models = withNamed(List.of());
        this.watch = Thread.ofVirtual().name("upstream-watch").start(this::watch);
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.defer(() -> {
            if (!enter()) {
                return Flux.error(new InferenceException(
                        Kind.UNAVAILABLE, "The server is shutting down.", null, RETRY_AFTER_DRAIN, null));
            }
            return remote.complete(request).doFinally(end -> leave());
        });
    }

    private boolean enter() {
        synchronized (ends) {
            running += draining ? 0 : 1;
            return !draining;
        }
    }

    private void leave() {
        synchronized (ends) {
            running--;
            ends.notifyAll();
        }
    }

    /**
     * Refuses new requests from now on, and waits for those that were accepted.
     *
     * @param most how long to wait
     * @return whether all have ended
     */
    public boolean drain(Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        synchronized (ends) {
            draining = true;
            for (long left = most.toMillis(); running > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                ends.wait(left);
            }
            return running == 0;
        }
    }

    /** The models that the server listed last; none before it has, but the one that the settings name. */
    @Override
    public List<ModelCard> models() {
        return models;
    }

    /** What was heard last, a few seconds ago at most; unhealthy while this one shuts down. */
    @Override
    public Readiness readiness() {
        synchronized (ends) {
            return draining ? state(Readiness.Status.UNHEALTHY, "shutting down") : readiness;
        }
    }

    /** Breaks off what is under way; harmless the second time. */
    @Override
    public void close() {
        watch.interrupt();
        remote.close();
    }

    private void watch() {
        try {
            while (true) {
                Readiness now = remote.readiness();
                if (now.status() == Readiness.Status.HEALTHY) {
                    listModels();
                }
                readiness = now;
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException closed) {
            // nobody asks any more
        } finally {
            readiness = state(Readiness.Status.UNHEALTHY, "the model server is not watched any more");
        }
    }

    private void listModels() {
        try {
            models = withNamed(remote.models());
        } catch (InferenceException silent) {
            // a server without a list, or out of reach since a moment ago: what was known stays
        }
    }

    /** The one that the settings name comes first, also where the server serves more names than it lists. */
    private List<ModelCard> withNamed(List<ModelCard> listed) {
        ModelCard first = named;
        boolean there =
                first == null || listed.stream().anyMatch(card -> card.id().equals(first.id()));
        return there ? listed : Stream.concat(Stream.of(first), listed.stream()).toList();
    }

    private static Readiness state(Readiness.Status status, String detail) {
        return new Readiness(status, detail, 0, 0, 0);
    }
}
