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
    final LongAdder firstTokens = new LongAdder();
    final LongAdder firstTokenNanos = new LongAdder();

    /** Rows in a slot; written by the model's thread alone. */
    volatile int activeSlots;

    SchedulerMetrics snapshot(int slots, int queued) {
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
                Duration.ofNanos(firstTokenNanos.sum()));
    }
}
