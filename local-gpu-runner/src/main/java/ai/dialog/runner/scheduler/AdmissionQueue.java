package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where requests wait, tenants in turn, each tenant's first come first served, and the door: it bounds how many wait, and closes for good. A request
 * passes through {@link #enter}, then {@link #submit} when its prompt is encoded, then the model's thread takes it, and it
 * ends with {@link #leave}. Thread-safe.
 */
final class AdmissionQueue {

    private enum Door {
        OPEN,
        /** Nobody new; who is inside is served to the end. */
        DRAINING,
        /** Who is inside is sent away too. */
        SHUT
    }

    /** How long a load balancer usually takes to have another server at the same address. */
    private static final Duration RETRY_AFTER_DRAIN = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition empty = lock.newCondition();
    private final TenantLine waiting = new TenantLine();
    private final int capacity;
    private final int slots;
    private final IntSupplier activeSlots;
    private final WaitEstimate estimate;
    private Door door = Door.OPEN;
    private int preparing;
    private int inside;

    AdmissionQueue(int capacity, int slots, IntSupplier activeSlots, WaitEstimate estimate) {
        this.capacity = capacity;
        this.slots = slots;
        this.activeSlots = activeSlots;
        this.estimate = estimate;
    }

    /**
     * Takes a place for a request that comes.
     *
     * @throws InferenceException if all are taken, or the server is closing
     */
    void enter() {
        lock.lock();
        try {
            if (door != Door.OPEN) {
                throw closing();
            }
            // A request that finds a free slot does not wait: it only passes through.
            if (preparing + waiting.size() >= capacity + Math.max(0, slots - activeSlots.getAsInt())) {
                throw overloaded();
            }
            preparing++;
            inside++;
        } finally {
            lock.unlock();
        }
    }

    private InferenceException overloaded() {
        Generation first = waiting.peek();
        Duration wait = estimate.untilPlaceIsFree(first == null ? 1 : first.choicesWaiting(), slots);
        return new InferenceException(
                Kind.OVERLOADED,
                "The server is busy: %d requests are waiting already. Try again in %d s."
                        .formatted(preparing + waiting.size(), wait.toSeconds()),
                null,
                wait,
                null);
    }

    static InferenceException closing() {
        return new InferenceException(Kind.UNAVAILABLE, "The server is shutting down.", null, RETRY_AFTER_DRAIN, null);
    }

    /**
     * Puts a request that has entered in line.
     *
     * @throws InferenceException if the door was shut meanwhile; the place is given back then
     */
    void submit(Generation generation) {
        lock.lock();
        try {
            if (door == Door.SHUT) {
                throw closing();
            }
            preparing--;
            waiting.add(generation);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Gives the place of a request back that entered and could not be submitted. */
    void abandon() {
        lock.lock();
        try {
            preparing--;
        } finally {
            lock.unlock();
        }
        leave();
    }

    /** A request that was submitted is over. */
    void leave() {
        lock.lock();
        try {
            if (--inside == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is something to do; false when the door is shut. */
    boolean awaitWork(boolean busy) throws InterruptedException {
        lock.lock();
        try {
            while (!busy && waiting.size() == 0 && door != Door.SHUT) {
                work.await();
            }
            return door != Door.SHUT;
        } finally {
            lock.unlock();
        }
    }

    /** The request whose turn it is. */
    @Nullable
    Generation peek() {
        lock.lock();
        try {
            return waiting.peek();
        } finally {
            lock.unlock();
        }
    }

    /** A choice of the request whose turn it was has got a slot. */
    void served(Generation generation) {
        lock.lock();
        try {
            waiting.served(generation);
        } finally {
            lock.unlock();
        }
    }

    /** Takes all requests of a kind out of the line. */
    List<Generation> remove(Predicate<Generation> which) {
        lock.lock();
        try {
            return waiting.remove(which);
        } finally {
            lock.unlock();
        }
    }

    /** How many requests are in line. */
    int length() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        lock.lock();
        try {
            return door == Door.OPEN;
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more, and waits until all inside have left; false if they have not in time. */
    boolean drain(Duration most) throws InterruptedException {
        lock.lock();
        try {
            if (door == Door.OPEN) {
                door = Door.DRAINING;
            }
            long left = most.toNanos();
            while (inside > 0 && left > 0) {
                left = empty.awaitNanos(left);
            }
            return inside == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Sends all away. */
    void shut() {
        lock.lock();
        try {
            door = Door.SHUT;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
