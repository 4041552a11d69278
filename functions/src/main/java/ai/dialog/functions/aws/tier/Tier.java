package ai.dialog.functions.aws.tier;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The containers with the model: what they are doing, and starting them where none is wanted.
 *
 * <p>ECS throttles its descriptions, so one is used for {@link #FRESH} however many callers there are; a process asks once at a
 * time. Before a start the service is described anew and only started where it still wants no task: {@code UpdateService}
 * knows no condition, and a count that somebody raised in between must not be lowered. What is left is the time between the two
 * calls, milliseconds, bounded by the client's time limit and not repeated; callers in other processes that start it at the
 * same time set the same count.
 *
 * <p>How long a start takes is what the service's events tell of the last one from zero, and the setting until there was one.
 */
final class Tier {

    /** Nothing that a caller could do in less would help, and a rounding must not become a storm. */
    static final Duration LEAST_WAIT = Duration.ofSeconds(5);

    /** When a start takes longer than usual, nothing tells how much longer; this is how often it is worth asking. */
    static final Duration LATE_WAIT = Duration.ofSeconds(15);

    /** DescribeServices allows about 20 calls a second for the whole account, and a start takes minutes. */
    static final Duration FRESH = Duration.ofSeconds(2);

    private final ContainerService service;
    private final InstantSource clock;

    /** What a start is thought to take. */
    private Duration usual;

    private @Nullable Snapshot known;
    private Instant knownAt = Instant.MIN;

    /** When it was first seen wanting a task that does not serve; for a service that has no event of it yet. */
    private @Nullable Instant waitingSince;

    Tier(ContainerService service, Duration start, InstantSource clock) {
        this.service = service;
        this.usual = start;
        this.clock = clock;
    }

    /** What it does now; changes nothing. Fails as ECS does. */
    synchronized TierState state() {
        Snapshot seen = known;
        boolean fresh = seen != null && clock.instant().isBefore(knownAt.plus(FRESH));
        return read(fresh && seen != null ? seen : keep(service.describe()));
    }

    /** Starts it where no task is wanted; what it does then. Fails as ECS does. */
    synchronized TierState wake() {
        TierState state = state();
        if (!(state instanceof TierState.Asleep)) {
            return state;
        }
        if (read(keep(service.describe())) instanceof TierState.Asleep) {
            keep(service.startOne());
        }
        return state();
    }

    private Snapshot keep(Snapshot seen) {
        known = seen;
        knownAt = clock.instant();
        return seen;
    }

    private TierState read(Snapshot seen) {
        StartHistory history = StartHistory.of(seen);
        if (history.last() != null) {
            usual = history.last();
        }
        if (seen.desired() == 0) {
            waitingSince = null;
            return new TierState.Asleep(usual);
        }
        if (seen.failed()) {
            return new TierState.Failed();
        }
        if (seen.running() > 0 && history.begun() == null) {
            waitingSince = null;
            return new TierState.Running();
        }
        return starting(begun(seen, history));
    }

    /** A deployment's time is when a task was last wanted, placed or lost, so it is asked only once and then kept. */
    private Instant begun(Snapshot seen, StartHistory history) {
        if (history.begun() != null) {
            return history.begun();
        }
        if (waitingSince == null) {
            Instant now = clock.instant();
            boolean recent =
                    seen.updated().isAfter(now.minus(usual)) && seen.updated().isBefore(now);
            waitingSince = recent ? seen.updated() : now;
        }
        return waitingSince;
    }

    private TierState starting(Instant begun) {
        Duration left = usual.minus(Duration.between(begun, clock.instant()));
        if (!left.isPositive()) {
            return new TierState.Starting(LATE_WAIT, usual, true);
        }
        // a clock that is behind must not promise more than a whole start
        Duration most = left.compareTo(usual) > 0 ? usual : left;
        return new TierState.Starting(most.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : most, usual, false);
    }
}
