package ai.dialog.runner.cli;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The end of a service, in order: new requests are refused at once, running answers end within the grace, what still runs then is
 * ended with an error that its callers get, and the server goes last.
 *
 * @param drain refuses new requests and waits for the running ones; whether all have ended
 * @param inference ends what still runs, and frees what it ran on
 * @param server sends what has been said, for as long as it is told at most, and closes
 * @param rest what comes after
 * @param grace how long running answers may go on
 */
record Ending(Drain drain, Runnable inference, Consumer<Duration> server, Runnable rest, Duration grace) {

    /**
     * For the last bytes to callers that read slowly, where the grace is over. With another three that Netty takes to close their
     * connections it is within the ten seconds that the cloud and Compose leave after the grace.
     */
    static final Duration LAST_BYTES = Duration.ofSeconds(3);

    /** Refuses new requests and waits for the running ones. */
    @FunctionalInterface
    interface Drain {
        boolean within(Duration most) throws InterruptedException;
    }

    /** Ends the service; whether everything that was accepted has been answered. */
    boolean end() {
        long begun = System.nanoTime();
        boolean whole = drained();
        // before the server, which would else wait for streams that go on
        inference.run();
        Duration left = grace.minusNanos(System.nanoTime() - begun);
        server.accept(left.compareTo(LAST_BYTES) > 0 ? left : LAST_BYTES);
        rest.run();
        return whole;
    }

    private boolean drained() {
        try {
            return drain.within(grace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
