package ai.dialog.runner.grammar;

import java.time.Duration;

/** What making one grammar may cost, all of its schemas together. Not thread-safe. */
final class Effort {

    /** Characters of all parts that were looked at: it bounds the time. */
    private static final long MAX_WORK = 1 << 25;

    /** The bound above is for a quiet machine; this holds whatever it misses. */
    private static final long MOST_NANOS = Duration.ofSeconds(5).toNanos();

    private final long began = System.nanoTime();
    private long work;

    /**
     * More work.
     *
     * @throws GrammarException if it was too much
     */
    void charge(long more) {
        work += more;
        if (work > MAX_WORK || System.nanoTime() - began > MOST_NANOS) {
            throw tooLarge();
        }
    }

    static GrammarException tooLarge() {
        return new GrammarException("the schema is too large once its references and 'allOf' are followed.");
    }
}
