package ai.dialog.model.torch;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the process from ending in the middle of a native call. When a JVM exits, libtorch's own objects are destroyed while
 * other threads still run in it, which ends in a crash report instead of an exit. A shutdown hook therefore waits until
 * no call was made for a moment (the program's own hooks may still be finishing answers) and lets none in after that.
 */
final class ExitGate {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int MOST_CALLS = 1 << 16;
    private static final Semaphore CALLS = new Semaphore(MOST_CALLS, true);
    private static final AtomicBoolean INSTALLED = new AtomicBoolean();
    private static final AtomicLong LAST_CALL = new AtomicLong(System.nanoTime() - QUIET_NANOS);

    private ExitGate() {}

    /** Before the first native call; without effect the second time. */
    static void install() {
        if (!INSTALLED.getAndSet(true)) {
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("libtorch-exit").unstarted(ExitGate::shut));
        }
    }

    /** Begins a native call; never returns once the process is ending. */
    static void enter() {
        CALLS.acquireUninterruptibly();
    }

    /** Ends it. */
    static void leave() {
        LAST_CALL.set(System.nanoTime());
        CALLS.release();
    }

    private static void shut() {
        long start = System.nanoTime();
        while (true) {
            CALLS.acquireUninterruptibly(MOST_CALLS);
            long now = System.nanoTime();
            if (now - LAST_CALL.get() >= QUIET_NANOS || now - start >= LONGEST_NANOS) {
                return;
            }
            CALLS.release(MOST_CALLS);
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
