package ai.dialog.runner.metrics;

import ai.dialog.runner.measure.ProcessMemory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The figures that the cloud scales and warns by, as lines of CloudWatch's embedded metric format: the log driver carries them, so
 * that the service needs no network and no permission for it. One line a minute, of samples taken every five seconds.
 */
public final class CloudWatchMetrics implements AutoCloseable {

    private static final Duration SAMPLE = Duration.ofSeconds(5);
    private static final int SAMPLES_IN_A_LINE = 12;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Settings settings;
    private final ServiceMetrics metrics;
    private final InstantSource clock;
    private final Consumer<String> out;
    private final List<Double> utilization = new ArrayList<>();
    private final List<Integer> queued = new ArrayList<>();
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Future<?> sampling;

    /**
     * Where the figures go.
     *
     * @param namespace of CloudWatch, such as AiDialog
     * @param stage the value of their one dimension, Stage
     */
    public record Settings(String namespace, String stage) {

        public Settings {
            // CloudWatch's own rule for a namespace
            if (!namespace.matches("[A-Za-z0-9._/#:-]{1,255}") || namespace.startsWith(":")) {
                throw new IllegalArgumentException(
                        "A CloudWatch namespace has 1 to 255 of the characters A-Z a-z 0-9 . - _ / # : and does not begin with a colon.");
            }
            if (!stage.matches("[A-Za-z0-9._-]{1,64}")) {
                throw new IllegalArgumentException("A stage has 1 to 64 of the characters A-Z a-z 0-9 . - _");
            }
        }
    }

    private record Figure(String name, String unit, Object value) {}

    CloudWatchMetrics(Settings settings, ServiceMetrics metrics, InstantSource clock, Consumer<String> out) {
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.out = out;
    }

    /** Starts to write to standard output. */
    public static CloudWatchMetrics start(Settings settings, ServiceMetrics metrics) {
        var lines = new CloudWatchMetrics(settings, metrics, InstantSource.system(), System.out::println);
        var timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("cloudwatch").factory());
        lines.timer = timer;
        lines.sampling =
                timer.scheduleAtFixedRate(lines::sample, SAMPLE.toMillis(), SAMPLE.toMillis(), TimeUnit.MILLISECONDS);
        return lines;
    }

    /** Takes a sample, and writes a line when there are enough. */
    synchronized void sample() {
        try {
            utilization.add(100 * metrics.utilization());
            queued.add(metrics.readiness().queued());
            if (utilization.size() >= SAMPLES_IN_A_LINE) {
                flush();
            }
        } catch (RuntimeException e) {
            // a timer forgets a task that throws; the next sample may go well
            utilization.clear();
            queued.clear();
        }
    }

    /** Writes what there is since the last line: at the end of the process, or when the model could not be loaded. */
    public synchronized void flush() {
        var figures = new ArrayList<Figure>();
        if (!utilization.isEmpty()) {
            figures.add(new Figure("ConcurrencyUtilization", "Percent", List.copyOf(utilization)));
            figures.add(new Figure("QueuedRequests", "Count", List.copyOf(queued)));
        }
        var firstTokens = metrics.recent().take();
        if (firstTokens.length > 0) {
            figures.add(new Figure(
                    "FirstTokenLatency",
                    "Milliseconds",
                    Arrays.stream(firstTokens).mapToDouble(nanos -> nanos / 1e6).toArray()));
        }
        var loaded = metrics.loaded();
        if (loaded != null) {
            figures.add(new Figure("ModelLoadSuccess", "Count", loaded ? 1 : 0));
        }
        long resident = ProcessMemory.residentBytes();
        if (resident > 0) {
            figures.add(new Figure("MemoryUtilization", "Percent", 100.0 * resident / ProcessMemory.limitBytes()));
        }
        utilization.clear();
        queued.clear();
        if (!figures.isEmpty()) {
            out.accept(line(figures));
        }
    }

    private String line(List<Figure> figures) {
        var declared = figures.stream()
                .map(figure -> Map.of("Name", figure.name(), "Unit", figure.unit()))
                .toList();
        var line = new LinkedHashMap<String, Object>();
        line.put(
                "_aws",
                Map.of(
                        "Timestamp",
                        clock.millis(),
                        "CloudWatchMetrics",
                        List.of(Map.of(
                                "Namespace",
                                settings.namespace(),
                                "Dimensions",
                                List.of(List.of("Stage")),
                                "Metrics",
                                declared))));
        line.put("Stage", settings.stage());
        figures.forEach(figure -> line.put(figure.name(), figure.value()));
        return JSON.writeValueAsString(line);
    }

    /** Ends it with a last line. */
    @Override
    public void close() {
        var running = timer;
        if (sampling != null) {
            sampling.cancel(false);
        }
        if (running != null) {
            running.shutdown();
        }
        flush();
    }
}
