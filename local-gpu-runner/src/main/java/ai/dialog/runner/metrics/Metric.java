package ai.dialog.runner.metrics;

import java.time.Duration;
import java.util.Arrays;

/** The names of the figures, in Micrometer's spelling: Prometheus reads {@code ai_dialog_first_token_seconds} and so on. */
final class Metric {

    static final String REQUESTS = "ai.dialog.request";
    static final String FIRST_TOKEN = "ai.dialog.first.token";
    static final String QUEUED = "ai.dialog.queued.requests";
    static final String ACTIVE = "ai.dialog.active.slots";
    static final String SLOTS = "ai.dialog.max.batch.size";
    static final String UTILIZATION = "ai.dialog.slot.utilization.ratio";
    static final String GENERATIONS = "ai.dialog.generations";
    static final String PREFILL = "ai.dialog.prefill.tokens";
    static final String DECODE = "ai.dialog.decode.tokens";
    static final String STEPS = "ai.dialog.decode.steps";
    static final String GUESSED = "ai.dialog.guessed.tokens";
    static final String RIGHT = "ai.dialog.right.guesses";
    static final String PREFIX_LOOKUPS = "ai.dialog.prefix.lookups";
    static final String PREFIX_HITS = "ai.dialog.prefix.hits";
    static final String PREFIX_TOKENS = "ai.dialog.prefix.tokens";
    static final String CACHE_BYTES = "ai.dialog.cache.bytes";
    static final String CACHE_LIMIT = "ai.dialog.cache.limit.bytes";
    static final String LOAD_SUCCESS = "ai.dialog.model.load.success";
    static final String LOAD_SECONDS = "ai.dialog.model.load.seconds";
    static final String RESIDENT = "ai.dialog.memory.resident.bytes";
    static final String LIMIT = "ai.dialog.memory.limit.bytes";
    static final String BUILD = "ai.dialog.build.info";

    private Metric() {}

    /** The upper ends of a histogram's buckets. */
    static Duration[] buckets(double... seconds) {
        return Arrays.stream(seconds)
                .mapToObj(bound -> Duration.ofNanos((long) (bound * 1e9)))
                .toArray(Duration[]::new);
    }
}
