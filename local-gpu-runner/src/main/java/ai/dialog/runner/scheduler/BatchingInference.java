package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Readiness.Status;
import ai.dialog.model.LanguageModel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The {@link Inference} in this process: many requests at once over one {@link LanguageModel}, by continuous batching.
 * Owns the model: one thread makes all calls to it, and closes it in the end.
 *
 * <p>A prompt is encoded on a virtual thread, and chunks reach the subscriber on another, so that neither a long text nor a
 * slow caller holds up the model. What a slow caller has not taken yet is kept, at most the request's {@code max_tokens}.
 * A cancelled subscription frees its slots, or its place in the queue, at the next step.
 *
 * <p>Usage counts every token that was generated, the one that ended the text included, as vLLM does.
 */
public final class BatchingInference implements Inference, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchingInference.class);

    /** One virtual thread for each piece of work, none while there is none: nothing to shut down. */
    private static final Scheduler CALLERS = Schedulers.fromExecutor(
            task -> Thread.ofVirtual().name("completion").start(task));

    private final SchedulerSettings settings;
    private final Clock clock;
    private final ModelCard card;
    private final int slots;
    private final long cacheLimit;
    private final PromptEncoder encoder;
    private final AdmissionQueue queue;
    private final Counters counters = new Counters();
    private final EngineHealth health = new EngineHealth();
    private final Thread thread;

    /**
     * Starts to serve.
     *
     * @param model used by nobody else from now on, but for its tokenizer and template
     * @param clock what deadlines are measured by
     */
    public BatchingInference(LanguageModel model, SchedulerSettings settings, Clock clock) {
        this(model, settings, clock, System::nanoTime);
    }

    /** With a clock of one's own for how long the model's steps take. */
    BatchingInference(LanguageModel model, SchedulerSettings settings, Clock clock, LongSupplier nanoTime) {
        this.settings = settings;
        this.clock = clock;
        int context = settings.contextLimit() == 0
                ? model.contextLength()
                : Math.min(settings.contextLimit(), model.contextLength());
        int longest = Math.min(context, longestInMemory(model));
        this.card = new ModelCard(model.info().id(), clock.instant().getEpochSecond(), "local", longest);
        this.cacheLimit = model.cacheLimit();
        this.slots = Math.min(settings.maxBatchSize(), model.slots());
        this.encoder = new PromptEncoder(model, context, longest);
        var estimate = new WaitEstimate();
        this.queue = new AdmissionQueue(settings.queueCapacity(), slots, () -> counters.activeSlots, estimate);
        var loop = new BatchLoop(model, queue, counters, health, estimate, clock, nanoTime, slots, settings);
        this.thread = Thread.ofPlatform().name("model").daemon().start(loop);
    }

    /** How many tokens the longest sequence may have that the memory for keys and values holds alone. */
    private static int longestInMemory(LanguageModel model) {
        int fits = 0;
        int tooLong = model.contextLength() + 1;
        while (tooLong - fits > 1) {
            int tokens = (fits + tooLong) >>> 1;
            if (model.sequenceBytes(tokens) <= model.cacheLimit()) {
                fits = tokens;
            } else {
                tooLong = tokens;
            }
        }
        return fits;
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.<CompletionChunk>create(sink -> start(request, sink)).publishOn(CALLERS);
    }

    private void start(CompletionRequest request, FluxSink<CompletionChunk> sink) {
        long arrived = System.nanoTime();
        try {
            checkModel(request);
            enter();
        } catch (InferenceException e) {
            sink.error(e);
            return;
        }
        Instant deadline = deadline(request);
        CALLERS.schedule(() -> submit(request, deadline, arrived, sink));
    }

    private void checkModel(CompletionRequest request) {
        if (!request.model().equals(CompletionRequest.DEFAULT_MODEL)
                && !request.model().equals(card.id())) {
            throw new InferenceException(
                    Kind.MODEL_NOT_FOUND,
                    "The model '%s' does not exist; this server has '%s'.".formatted(request.model(), card.id()),
                    "model",
                    null,
                    null);
        }
        if (request.choices() < 1) {
            throw new InferenceException(Kind.INVALID_REQUEST, "n must be at least 1.", "n", null, null);
        }
    }

    private void enter() {
        try {
            if (health.isDead()) {
                throw new InferenceException(Kind.UNAVAILABLE, "The server has failed and must be started again.");
            }
            queue.enter();
            counters.accepted.increment();
        } catch (InferenceException e) {
            counters.refused.increment();
            throw e;
        }
    }

    private @Nullable Instant deadline(CompletionRequest request) {
        Duration otherwise = settings.defaultDeadline();
        if (request.deadline() != null || otherwise == null) {
            return request.deadline();
        }
        return clock.instant().plus(otherwise);
    }

    private void submit(
            CompletionRequest request, @Nullable Instant deadline, long arrived, FluxSink<CompletionChunk> sink) {
        try {
            var prompt = encoder.encode(request);
            queue.submit(new Generation(request, prompt, deadline, arrived, sink));
        } catch (InferenceException e) {
            abandon(sink, e);
        } catch (Throwable e) {
            // An Error too: a stream must end whatever happens, and the thread is this request's own.
            LOG.error("a prompt could not be encoded", e);
            abandon(sink, new InferenceException(Kind.INTERNAL, "The prompt could not be encoded."));
        }
    }

    private void abandon(FluxSink<CompletionChunk> sink, InferenceException cause) {
        if (sink.isCancelled()) {
            counters.cancelled.increment();
        } else {
            counters.failed.increment();
            sink.error(cause);
        }
        queue.abandon();
    }

    @Override
    public List<ModelCard> models() {
        return List.of(card);
    }

    @Override
    public Readiness readiness() {
        String fault = health.fault();
        if (fault == null && !queue.isOpen()) {
            fault = "shutting down";
        }
        return new Readiness(
                fault == null ? Status.HEALTHY : Status.UNHEALTHY,
                fault == null ? "" : fault,
                counters.activeSlots,
                slots,
                queue.length());
    }

    /** What has been done so far. */
    public SchedulerMetrics metrics() {
        return counters.snapshot(slots, queue.length(), cacheLimit);
    }

    /**
     * Refuses new requests from now on, and waits for those that were accepted.
     *
     * @param most how long to wait
     * @return whether all have ended
     */
    public boolean drain(Duration most) throws InterruptedException {
        return queue.drain(most);
    }

    /** Ends what still runs with an error, and closes the model when its thread has ended. */
    @Override
    public void close() {
        queue.shut();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
