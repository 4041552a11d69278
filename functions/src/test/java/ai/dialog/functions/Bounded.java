package ai.dialog.functions;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Holds one case of fuzzing to a bound of time and one of memory: the heap that its thread asks for, collected or not. */
public final class Bounded {

    /** No input of a few kilobytes takes a hundredth of it; a case that takes all of it would hang a server. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Bounded() {}

    /**
     * Runs a case. One that goes beyond a bound is run again: the first of all cases loads classes too.
     *
     * @param input bytes of it
     * @param perByte bytes of heap for each byte of the input
     * @param mebibytes of heap, whatever the input
     * @throws AssertionError where the case asks for more, or takes longer than ten seconds
     */
    public static void run(int input, int perByte, int mebibytes, Runnable one) {
        long most = (long) input * perByte + ((long) mebibytes << 20);
        if (!cost(one).within(most)) {
            Cost again = cost(one);
            if (!again.within(most)) {
                throw new AssertionError("an input of %d bytes took %d bytes of heap and %s; the bounds are %d and %s"
                        .formatted(input, again.allocated(), again.time(), most, LONGEST));
            }
        }
    }

    private static Cost cost(Runnable one) {
        long started = System.nanoTime();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        one.run();
        return new Cost(
                THREADS.getCurrentThreadAllocatedBytes() - before, Duration.ofNanos(System.nanoTime() - started));
    }

    private record Cost(long allocated, Duration time) {

        boolean within(long most) {
            return allocated <= most && time.compareTo(LONGEST) <= 0;
        }
    }
}
