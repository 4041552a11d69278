package ai.dialog.runner.scheduler;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link BatchingInference} shares one model.
 *
 * @param maxBatchSize the most sequences that are generated at once; the model's slots bound it further
 * @param queueCapacity the most requests that wait for a slot; one more is refused
 * @param prefillChunk the most prompt tokens that are computed at once; while answers run, {@link Pace} says how many
 * @param defaultDeadline when a request that names no deadline ends, from its arrival; null for never
 * @param contextLimit the most tokens of prompt and completion together; 0 for what the model holds
 * @param prefixBytes the most memory for prefixes of conversations that are over, in bytes; 0 to share nothing between requests
 * @param promptLookup the most tokens that are guessed from the text so far and scored together; 0 for none
 */
public record SchedulerSettings(
        int maxBatchSize,
        int queueCapacity,
        int prefillChunk,
        @Nullable Duration defaultDeadline,
        int contextLimit,
        long prefixBytes,
        int promptLookup) {

    /**
     * 32 rows, 256 waiting, chunks of 512 tokens, ten minutes, the model's own context, half a GiB of prefixes, guesses of up to
     * 12 tokens.
     */
    public static final SchedulerSettings DEFAULT =
            new SchedulerSettings(32, 256, 512, Duration.ofMinutes(10), 0, 512L << 20, 12);

    public SchedulerSettings {
        atLeast(1, maxBatchSize, "maxBatchSize");
        atLeast(1, queueCapacity, "queueCapacity");
        atLeast(1, prefillChunk, "prefillChunk");
        atLeast(0, contextLimit, "contextLimit");
        atLeast(0, promptLookup, "promptLookup");
        if (prefixBytes < 0) {
            throw new IllegalArgumentException("prefixBytes must be at least 0, got " + prefixBytes);
        }
        if (defaultDeadline != null && !defaultDeadline.isPositive()) {
            throw new IllegalArgumentException("defaultDeadline must be positive, got " + defaultDeadline);
        }
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
        }
    }
}
