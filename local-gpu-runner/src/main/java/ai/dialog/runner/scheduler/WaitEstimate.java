package ai.dialog.runner.scheduler;

import java.time.Duration;

/**
 * How long until a place in a full queue is free, from how long rows have held their slots lately. Written by the model's
 * thread, read by any.
 */
final class WaitEstimate {

    /** Each row that ends moves the mean by this much: about the last twenty rows count. */
    private static final double WEIGHT = 0.1;

    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration MOST = Duration.ofMinutes(10);

    private volatile double meanNanos;
    private volatile long oldestStarted;

    /** A row has ended by itself. */
    void rowEnded(long nanos) {
        double mean = meanNanos;
        meanNanos = mean == 0 ? nanos : mean + WEIGHT * (nanos - mean);
    }

    /** When the oldest running row started, in {@link System#nanoTime}; with nothing running, now. */
    void oldestStarted(long nanoTime) {
        oldestStarted = nanoTime;
    }

    /**
     * The time until the first request in the queue has left it. All slots are taken: each is given back after a mean
     * row's time, so that one of them is every {@code mean / slots}. Rows that run longer than the mean count as long as
     * they have run. In whole seconds, as Retry-After is.
     *
     * @param rows how many slots the first request in the queue still needs
     */
    Duration untilPlaceIsFree(int rows, int slots) {
        double row = Math.max(meanNanos, (double) (System.nanoTime() - oldestStarted));
        var wait = Duration.ofSeconds((long) Math.ceil(row * rows / slots / 1e9));
        return wait.compareTo(LEAST) < 0 ? LEAST : wait.compareTo(MOST) > 0 ? MOST : wait;
    }
}
