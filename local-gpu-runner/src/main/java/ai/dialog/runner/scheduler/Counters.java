package ai.dialog.runner.scheduler;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** The numbers behind {@link SchedulerMetrics}. Thread-safe. */
final class Counters {

    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder completed = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder prefilledTokens = new LongAdder();
    final LongAdder decodedTokens = new LongAdder();
    final LongAdder decodeSteps = new LongAdder();
    final LongAdder guessedTokens = new LongAdder();
    final LongAdder rightGuesses = new LongAdder();
    final LongAdder prefixLookups = new LongAdder();
    final LongAdder prefixHits = new LongAdder();
    final LongAdder reusedTokens = new LongAdder();
    final LongAdder firstTokens = new LongAdder();
    final LongAdder firstTokenNanos = new LongAdder();

    /** Rows in a slot; written by the model's thread alone. */
    volatile int activeSlots;

    /** What kept prefixes take; written by the model's thread alone. */
    volatile long prefixBytes;

    /** What the rows in a slot may take at their longest; written by the model's thread alone. */
    volatile long reservedBytes;

    /** What the model holds for keys and values; written by the model's thread alone. */
    volatile long heldBytes;

    SchedulerMetrics snapshot(int slots, int queued, long cacheLimit) {
        return new SchedulerMetrics(
                activeSlots,
                slots,
                queued,
                accepted.sum(),
                refused.sum(),
                completed.sum(),
                cancelled.sum(),
                failed.sum(),
                prefilledTokens.sum(),
                decodedTokens.sum(),
                decodeSteps.sum(),
                guessedTokens.sum(),
                rightGuesses.sum(),
                firstTokens.sum(),
                Duration.ofNanos(firstTokenNanos.sum()),
                new SchedulerMetrics.Cache(
                        prefixLookups.sum(),
                        prefixHits.sum(),
                        reusedTokens.sum(),
                        prefixBytes,
                        reservedBytes,
                        heldBytes,
                        cacheLimit));
    }
}
