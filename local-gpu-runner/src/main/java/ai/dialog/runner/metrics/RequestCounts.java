package ai.dialog.runner.metrics;

import ai.dialog.functions.audit.AuditEvent;
import ai.dialog.functions.audit.AuditLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An audit log that also counts and times what is written to it: every request ends in one event. The labels are the service's
 * own route names and the status, never anything that a caller sent.
 */
final class RequestCounts implements AuditLog {

    /** From a health check to the longest answer that the service gives by itself (--request-timeout, 600 s). */
    private static final Duration[] BUCKETS =
            Metric.buckets(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 600);

    private static final String OTHER = "other";

    private final AuditLog log;
    private final MeterRegistry registry;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    private record Kind(@Nullable String route, @Nullable Integer status) {}

    RequestCounts(AuditLog log, MeterRegistry registry) {
        this.log = log;
        this.registry = registry;
    }

    @Override
    public void write(AuditEvent event) {
        timers.computeIfAbsent(new Kind(event.route(), event.status()), this::timer)
                .record(Duration.ofMillis(event.durationMillis()));
        log.write(event);
    }

    private Timer timer(Kind kind) {
        String route = kind.route();
        Integer status = kind.status();
        return Timer.builder(Metric.REQUESTS)
                .description("Requests by the service's route and the answer's status, from the head to the last byte.")
                .tag("route", route == null ? OTHER : route)
                .tag("status", status == null ? "none" : status.toString())
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    @Override
    public boolean withPrompts() {
        return log.withPrompts();
    }
}
