package ai.dialog.runner.cli;

import java.util.concurrent.CountDownLatch;

/** How the service ends: in order, by a signal to its process or by an interrupt of its thread. */
final class Shutdown {

    private Shutdown() {}

    /**
     * Waits for a signal, and never returns then: the process ends, with {@link ExitCodes#OK} where all was answered. Where its
     * thread is interrupted, as by {@code rehearse}, it ends the service, returns, and has no say in the process' end any more.
     */
    static void await(Ending ending) {
        Runnable onSignal = () -> {
            if (ending.end()) {
                // A JVM that a signal ends has 128 and the signal's number for its exit code, which says "killed" to
                // whoever started it. That stays where answers were cut off.
                Runtime.getRuntime().halt(ExitCodes.OK);
            }
        };
        Thread hook = new Thread(onSignal, "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            if (removed(hook)) {
                ending.end();
            }
        }
    }

    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException signalled) {
            return false; // the process is ending, and the hook does what is to be done
        }
    }
}
