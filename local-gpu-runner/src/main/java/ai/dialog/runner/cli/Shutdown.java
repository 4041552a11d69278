package ai.dialog.runner.cli;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** How the service's process ends: by a signal, in order. */
final class Shutdown {

    private Shutdown() {}

    /**
     * Waits for a signal, and never returns.
     *
     * @param end ends the service; whether everything that was accepted has been answered
     */
    static void await(BooleanSupplier end) throws InterruptedException {
        Runnable ending = () -> {
            if (end.getAsBoolean()) {
                // A JVM that a signal ends has 128 and the signal's number for its exit code, which says "killed" to
                // whoever
                // started it. That stays where answers were cut off.
                Runtime.getRuntime().halt(ExitCodes.OK);
            }
        };
        Runtime.getRuntime().addShutdownHook(new Thread(ending, "shutdown"));
        new CountDownLatch(1).await();
    }
}
