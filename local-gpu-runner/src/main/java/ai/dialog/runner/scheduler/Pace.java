package ai.dialog.runner.scheduler;

/**
 * How many prompt tokens are computed between two decode steps, from how long both have taken lately: a stream waits for a
 * chunk and a step where it would wait for a step alone. Used by the model's thread alone.
 */
final class Pace {

    /**
     * A chunk takes this many times a step's time, so that a long prompt makes the time between two tokens 2.5 times the quiet
     * one, and noise keeps it within three times.
     */
    private static final double STALL = 1.5;

    /** Smaller chunks cost nearly as much as this one: each reads all weights once. */
    private static final int LEAST = 16;

    /** Each measurement moves the mean by this much: about the last ten count. */
    private static final double WEIGHT = 0.2;

    private final int most;
    private double tokenNanos;
    private double stepNanos;

    /** With chunks of at most so many tokens. */
    Pace(int most) {
        this.most = most;
    }

    /** A chunk was computed. */
    void prefilled(int tokens, long nanos) {
        // of a few tokens most of the time is not theirs
        if (tokens >= LEAST) {
            tokenNanos = mean(tokenNanos, (double) nanos / tokens);
        }
    }

    /** A decode step was computed. */
    void decoded(long nanos) {
        stepNanos = mean(stepNanos, (double) nanos);
    }

    private static double mean(double mean, double value) {
        return mean == 0 ? value : mean + WEIGHT * (value - mean);
    }

    /**
     * The next chunk: the most while nobody's answer runs, else {@link #STALL} steps' time. In a burst it is half a step's time for
     * each prompt that waits, where that is more: its first tokens come early, and its steps are of many rows, which cost
     * little more than those of few.
     *
     * @param decoding rows whose answers run
     * @param waiting rows whose prompts are not computed
     */
    int chunk(int decoding, int waiting) {
        if (decoding == 0 || tokenNanos == 0 || stepNanos == 0) {
            return most;
        }
        double steps = Math.max(STALL, waiting / 2.0);
        return (int) Math.min(most, Math.max(LEAST, steps * stepNanos / tokenNanos));
    }
}
