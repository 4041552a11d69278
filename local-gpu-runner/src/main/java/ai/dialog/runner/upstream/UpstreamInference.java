package ai.dialog.runner.upstream;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
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

    private final RemoteInference remote;
    private final @Nullable ModelCard named;
    private final Thread watch;
    private volatile Readiness readiness = state(Readiness.Status.LOADING, "the model server was not heard from yet");
    private volatile List<ModelCard> models;

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
        return remote.complete(request);
    }

    /** The models that the server listed last; none before it has, but the one that the settings name. */
    @Override
    public List<ModelCard> models() {
        return models;
    }

    /** What was heard last, a few seconds ago at most. */
    @Override
    public Readiness readiness() {
        return readiness;
    }

    /** Breaks off what is under way. */
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
