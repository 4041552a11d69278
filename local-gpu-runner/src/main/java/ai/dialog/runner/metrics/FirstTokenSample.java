package ai.dialog.runner.metrics;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A fair sample of the first-token times since the last look: each request has the same chance to be in it (algorithm R, Vitter
 * 1985), however many there were.
 */
final class FirstTokenSample {

    /** The longest array of values that CloudWatch takes for a metric in one line (embedded metric format). */
    static final int SIZE = 100;

    private final long[] nanos = new long[SIZE];
    private long seen;

    synchronized void add(long time) {
        long place = seen < SIZE ? seen : ThreadLocalRandom.current().nextLong(seen + 1);
        seen++;
        if (place < SIZE) {
            nanos[(int) place] = time;
        }
    }

    /** The sample in nanoseconds; a new one begins. */
    synchronized long[] take() {
        var taken = Arrays.copyOf(nanos, (int) Math.min(seen, SIZE));
        seen = 0;
        return taken;
    }
}
