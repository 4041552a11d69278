package ai.dialog.runner.grammar;

import java.time.Duration;
import java.util.function.LongSupplier;

/** What making one grammar may cost, all of its schemas together. Not thread-safe. */
final class Effort {

    /** Characters of all parts that were looked at: it bounds the time. */
    private static final long MAX_WORK = 1 << 25;

    /** The bound above is for a quiet machine; this holds whatever it misses. */
    private static final long MOST_NANOS = Duration.ofSeconds(5).toNanos();

    private final LongSupplier nanoTime;
    private final long began;
    private long work;
    private boolean cutByTime;

    /**
     * Begins.
     *
     * @param nanoTime the clock, as {@link System#nanoTime}
     */
    Effort(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
    }

    /**
     * More work.
     *
     * @throws GrammarException if it was too much
     */
    void charge(long more) {
        work += more;
        if (work > MAX_WORK) {
            throw tooLarge();
        }
        if (nanoTime.getAsLong() - began > MOST_NANOS) {
            cutByTime = true;
            throw tooLarge();
        }
    }

    /** Whether it was too much for the clock alone, which on a quieter machine it may not be. */
    boolean isCutByTime() {
        return cutByTime;
    }

    static GrammarException tooLarge() {
        return new GrammarException("the schema is too large once its references and 'allOf' are followed.");
    }
}
