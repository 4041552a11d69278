package ai.dialog.runner.metrics;

import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.runner.measure.ProcessMemory;
import ai.dialog.runner.scheduler.SchedulerMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The service's figures, as {@code GET /metrics} and CloudWatch show them. What the scheduler counts anyway is read when somebody
 * looks; a request itself pays for two timers, some hundred nanoseconds.
 */
public final class ServiceMetrics {

    /** Around the half second at which an alarm is raised, and up to where callers give up. */
    private static final Duration[] FIRST_TOKEN_BUCKETS =
            Metric.buckets(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final FirstTokenSample recent = new FirstTokenSample();
    private final Timer firstToken;
    private volatile @Nullable Inference inference;
    private volatile @Nullable Supplier<SchedulerMetrics> scheduler;
    private volatile @Nullable Boolean loaded;
    private volatile double loadSeconds;

    /** Figures of a service that has just started. */
    public ServiceMetrics() {
        firstToken = Timer.builder(Metric.FIRST_TOKEN)
                .description("Time from a request to the first generated text, of requests that got one.")
                .serviceLevelObjectives(FIRST_TOKEN_BUCKETS)
                .register(registry);
        gauge(
                Metric.QUEUED,
                "Requests that wait for a slot.",
                metrics -> metrics.readiness().queued());
        gauge(
                Metric.ACTIVE,
                "Answers being generated.",
                metrics -> metrics.readiness().activeSlots());
        gauge(
                Metric.SLOTS,
                "The most answers that can be generated at once.",
                metrics -> metrics.readiness().slots());
        gauge(Metric.UTILIZATION, "Active slots over the largest batch, 0 to 1.", ServiceMetrics::utilization);
        gauge(Metric.LOAD_SUCCESS, "1 when the model was loaded, 0 when that failed, NaN before.", metrics -> {
            var outcome = metrics.loaded;
            return outcome == null ? Double.NaN : outcome ? 1 : 0;
        });
        gauge(
                Metric.LOAD_SECONDS,
                "How long it took to fetch, convert and load the model.",
                metrics -> metrics.loadSeconds);
        gauge(Metric.RESIDENT, "Memory of the process: heap, libraries, mapped files and tensors.", metrics -> {
            long bytes = ProcessMemory.residentBytes();
            return bytes < 0 ? Double.NaN : bytes;
        });
        gauge(
                Metric.LIMIT,
                "What the container may use; the machine's memory where there is no limit.",
                metrics -> ProcessMemory.limitBytes());
        Gauge.builder(Metric.BUILD, () -> 1)
                .description("The version that runs.")
                .tag("version", version())
                .tag("java", Runtime.version().toString())
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<ServiceMetrics> value) {
        Gauge.builder(name, this, value).description(description).register(registry);
    }

    private static String version() {
        var version = ServiceMetrics.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The same log; what is written to it is counted by route and status. */
    public AuditLog counting(AuditLog log) {
        return new RequestCounts(log, registry);
    }

    /** The same inference, whose first tokens are timed and whose load is shown from now on. */
    public Inference timing(Inference answering) {
        inference = answering;
        return new TimedInference(answering, this::firstToken);
    }

    private void firstToken(long nanos) {
        firstToken.record(nanos, TimeUnit.NANOSECONDS);
        recent.add(nanos);
    }

    /** The model was loaded. */
    public void modelLoaded(Duration time, Supplier<SchedulerMetrics> figures) {
        scheduler = figures;
        loadSeconds = time.toNanos() / 1e9;
        loaded = true;
        counter(Metric.PREFILL, "Prompt tokens computed.", SchedulerMetrics::prefilledTokens);
        counter(Metric.DECODE, "Tokens generated.", SchedulerMetrics::decodedTokens);
        counter(
                Metric.STEPS,
                "Steps of the batch; decoded tokens over this is the mean batch, and more where guesses came true.",
                SchedulerMetrics::decodeSteps);
        counter(Metric.GUESSED, "Tokens guessed by prompt lookup and scored.", SchedulerMetrics::guessedTokens);
        counter(Metric.RIGHT, "Guessed tokens that the model chose too.", SchedulerMetrics::rightGuesses);
        cacheFigures();
        outcome("completed", SchedulerMetrics::completed);
        outcome("refused", SchedulerMetrics::refused);
        outcome("cancelled", SchedulerMetrics::cancelled);
        outcome("failed", SchedulerMetrics::failed);
    }

    private void cacheFigures() {
        counter(
                Metric.PREFIX_LOOKUPS,
                "Prompts that were looked up before they were computed.",
                figures -> figures.cache().lookups());
        counter(
                Metric.PREFIX_HITS,
                "Prompts whose beginning was copied instead of computed.",
                figures -> figures.cache().hits());
        counter(
                Metric.PREFIX_TOKENS,
                "Prompt tokens copied instead of computed.",
                figures -> figures.cache().reusedTokens());
        cacheBytes("held", SchedulerMetrics.Cache::heldBytes);
        cacheBytes("reserved", SchedulerMetrics.Cache::reservedBytes);
        cacheBytes("prefixes", SchedulerMetrics.Cache::prefixBytes);
        gauge(
                Metric.CACHE_LIMIT,
                "The most that running requests and kept prefixes may take together.",
                metrics -> metrics.count(figures -> figures.cache().limitBytes()));
    }

    private void cacheBytes(String kind, ToLongFunction<SchedulerMetrics.Cache> bytes) {
        Gauge.builder(Metric.CACHE_BYTES, this, metrics -> metrics.count(figures -> bytes.applyAsLong(figures.cache())))
                .description(
                        "Memory for keys and values: allocated, reserved for running requests at their longest, and kept"
                                + " of conversations that are over.")
                .tag("kind", kind)
                .register(registry);
    }

    /** The model could not be loaded. */
    public void modelFailed() {
        loaded = false;
    }

    private void counter(String name, String description, ToLongFunction<SchedulerMetrics> count) {
        FunctionCounter.builder(name, this, metrics -> metrics.count(count))
                .description(description)
                .register(registry);
    }

    private void outcome(String name, ToLongFunction<SchedulerMetrics> count) {
        FunctionCounter.builder(Metric.GENERATIONS, this, metrics -> metrics.count(count))
                .description(
                        "Requests to the model by how they ended; refused are those that found the queue full or closed.")
                .tag("outcome", name)
                .register(registry);
    }

    /** Micrometer holds what it asks weakly: it asks this object, which holds the scheduler's figures. */
    private long count(ToLongFunction<SchedulerMetrics> which) {
        var figures = scheduler;
        return figures == null ? 0 : which.applyAsLong(figures.get());
    }

    /** Everything, in Prometheus' text format 0.0.4. */
    public String scrape() {
        return registry.scrape();
    }

    /** Active slots over the largest batch, 0 to 1. */
    double utilization() {
        var now = readiness();
        return now.slots() == 0 ? 0 : (double) now.activeSlots() / now.slots();
    }

    Readiness readiness() {
        var answering = inference;
        return answering == null ? new Readiness(Readiness.Status.LOADING, "", 0, 0, 0) : answering.readiness();
    }

    /** Whether the model was loaded; null while that is not known. */
    @Nullable
    Boolean loaded() {
        return loaded;
    }

    /** First-token times since the last call. */
    FirstTokenSample recent() {
        return recent;
    }
}
