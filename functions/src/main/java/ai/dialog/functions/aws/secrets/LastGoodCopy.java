package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.AccessException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a secret says, read before it is asked for and again before the copy lapses. Through an outage the last good copy
 * stays in force, for a bounded time; after that nobody is let in.
 *
 * <p>It works where a process runs between requests, and refreshes itself there in the background, and where it is frozen
 * between them, as Lambda does: there the first request after a while finds the copy lapsed and waits for a new one, a moment
 * at most, and somewhat longer where there is none at all. Reads are one at a time and, while they fail, ever farther apart; no request waits for one that takes long or that
 * failed before, and none while the copy is young.
 */
final class LastGoodCopy<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LastGoodCopy.class);
    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 5;

    /**
     * The client gives up before (see {@link SecretsClient}), unless the process was frozen in between, as a function is by Lambda
     * and a snapshot: its connection is dead, and nobody should wait for it.
     */
    private static final Duration LONGEST_READING = Duration.ofSeconds(15);

    private final String name;
    private final Supplier<T> source;
    private final Freshness freshness;
    private final InstantSource clock;
    private final @Nullable Thread background;
    private final AtomicLong begunReadings = new AtomicLong();
    private volatile @Nullable Copy<T> copy;
    private @Nullable Attempt attempt;
    private Instant notBefore = Instant.MIN;
    private int failures;

    /** What was read, as of when the reading began, and which reading it was. */
    private record Copy<T>(T value, Instant asOf, long number) {}

    private record Attempt(CompletableFuture<Void> done, Instant begun) {}

    private LastGoodCopy(
            String name, Supplier<T> source, Freshness freshness, InstantSource clock, boolean inBackground) {
        this.name = name;
        this.source = source;
        this.freshness = freshness;
        this.clock = clock;
        this.background =
                inBackground ? Thread.ofVirtual().name("refresh " + name).unstarted(this::keepFresh) : null;
    }

    /**
     * A copy that requests refresh. The first reading begins at once.
     *
     * @param name what logs and refusals call it
     * @param source reads and checks the secret; may block and fail
     */
    static <T> LastGoodCopy<T> onRequest(String name, Supplier<T> source, Freshness freshness, InstantSource clock) {
        var made = new LastGoodCopy<>(name, source, freshness, clock, false);
        made.begin();
        return made;
    }

    /** A copy that refreshes itself until it is closed; requests never wait for it. The first reading begins at once. */
    static <T> LastGoodCopy<T> inBackground(String name, Supplier<T> source, Freshness freshness, InstantSource clock) {
        var made = new LastGoodCopy<>(name, source, freshness, clock, true);
        made.begin();
        if (made.background != null) {
            made.background.start();
        }
        return made;
    }

    /**
     * What the secret says.
     *
     * @throws AccessException of the kind {@code UNAVAILABLE} where there is no copy, or none that is young enough
     */
    T get() {
        var last = copy;
        if (olderThan(freshness.refresh(), last)) {
            var reading = begin();
            if (background == null && reading != null && olderThan(freshness.lapse(), last)) {
                var longest = last == null ? freshness.firstWait() : freshness.longestWait();
                await(reading.done(), longest.minus(Duration.between(reading.begun(), clock.instant())));
            }
            last = copy;
        }
        if (last == null || olderThan(freshness.outage(), last)) {
            throw unreadable();
        }
        return last.value();
    }

    /**
     * For whoever did not find something in it, which may be there since.
     *
     * @throws AccessException of the kind {@code UNAVAILABLE} where the copy has lapsed
     */
    void requireYoung() {
        if (olderThan(freshness.lapse(), copy)) {
            throw unreadable();
        }
    }

    private AccessException unreadable() {
        return AccessException.unavailable("The %s cannot be read at the moment. Try again.".formatted(name));
    }

    /** Reads now, whatever the copy's age, and waits for it: for whoever has just changed the secret. */
    void refresh() {
        read();
    }

    /** Also where the clock was set back to before the reading. */
    private boolean olderThan(Duration age, @Nullable Copy<T> last) {
        // asked after the copy was, or a copy of this moment would seem to be of the future
        var now = clock.instant();
        return last == null
                || now.isBefore(last.asOf())
                || !now.isBefore(last.asOf().plus(age));
    }

    /** The reading under way, or a new one; null while another failure is not to be risked yet. */
    private synchronized @Nullable Attempt begin() {
        var running = attempt;
        var now = clock.instant();
        if (running != null
                && !running.done().isDone()
                && now.isBefore(running.begun().plus(LONGEST_READING))) {
            return running;
        }
        if (now.isBefore(notBefore)) {
            return null;
        }
        var begun = new Attempt(new CompletableFuture<>(), now);
        attempt = begun;
        Thread.ofVirtual().name("read " + name).start(() -> {
            try {
                read();
                succeeded();
            } catch (RuntimeException | Error e) {
                failed(e);
            } finally {
                begun.done().complete(null);
            }
        });
        return begun;
    }

    private void read() {
        long number = begunReadings.incrementAndGet();
        var asOf = clock.instant();
        T value = source.get();
        synchronized (this) {
            var last = copy;
            // one that began later may have ended before
            if (last == null || number > last.number()) {
                copy = new Copy<>(value, asOf, number);
            }
        }
    }

    private synchronized void succeeded() {
        failures = 0;
        notBefore = Instant.MIN;
    }

    private synchronized void failed(Throwable error) {
        long most = FIRST_BACK_OFF.toMillis() << Math.min(failures, MOST_DOUBLINGS);
        // spread, so that many processes do not come back at once
        long pause = Math.min(
                ThreadLocalRandom.current().nextLong(most / 2, most),
                freshness.refresh().toMillis());
        failures++;
        notBefore = clock.instant().plusMillis(pause);
        var last = copy;
        if (last == null) {
            LOG.error("The {} cannot be read, and callers are refused until they can", name, error);
        } else {
            LOG.warn(
                    "The {} cannot be read; the copy of {} stays in force until {}",
                    name,
                    last.asOf(),
                    last.asOf().plus(freshness.outage()),
                    error);
        }
    }

    private void keepFresh() {
        try {
            while (!Thread.interrupted()) {
                var reading = begin();
                if (reading != null) {
                    reading.done().get();
                }
                Thread.sleep(untilNext());
            }
        } catch (InterruptedException | ExecutionException closed) {
            // nothing is left to do
        }
    }

    private synchronized Duration untilNext() {
        var now = clock.instant();
        return notBefore.isAfter(now) ? Duration.between(now, notBefore) : freshness.refresh();
    }

    private static void await(CompletableFuture<Void> done, Duration longest) {
        try {
            done.get(Math.max(0, longest.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException later) {
            // whoever asks goes on with what there is
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (background != null) {
            background.interrupt();
        }
    }
}
