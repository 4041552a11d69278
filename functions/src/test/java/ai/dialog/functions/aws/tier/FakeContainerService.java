package ai.dialog.functions.aws.tier;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An ECS service that does what ECS does, and says it in ECS's words, when a test tells it to. */
final class FakeContainerService implements ContainerService {

    private final InstantSource clock;
    private final List<Snapshot.Event> events = new ArrayList<>();
    private int desired;
    private int running;
    private Instant updated = Instant.EPOCH;
    private boolean failed;
    private boolean refusing;
    private int described;
    private int starts;
    private @Nullable RuntimeException outage;
    private Runnable beforeDescription = () -> {};

    FakeContainerService(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Snapshot describe() {
        described++;
        beforeDescription.run();
        return answer();
    }

    @Override
    public synchronized Snapshot startOne() {
        if (refusing) {
            throw new IllegalStateException("not authorized to perform: ecs:UpdateService");
        }
        starts++;
        desired = 1;
        updated = clock.instant();
        return answer();
    }

    private Snapshot answer() {
        if (outage != null) {
            throw outage;
        }
        return new Snapshot(desired, running, updated, failed, events.reversed());
    }

    synchronized void want(int count) {
        desired = count;
    }

    synchronized void taskStarts() {
        taskIsPlaced();
        running++;
    }

    /** ECS says that it has started a task when it has placed it; it runs when its image is there. */
    synchronized void taskIsPlaced() {
        say("has started 1 tasks: (task 0123456789abcdef).");
    }

    synchronized void taskStops() {
        running--;
        say("has stopped 1 running tasks: (task 0123456789abcdef).");
    }

    synchronized void becomesSteady() {
        say("has reached a steady state.");
    }

    synchronized void say(String what) {
        events.add(new Snapshot.Event(clock.instant(), "(service models) " + what));
    }

    synchronized void givesUp() {
        failed = true;
    }

    synchronized void refuseStarts() {
        refusing = true;
    }

    synchronized void breaks(RuntimeException how) {
        outage = how;
    }

    /** Something that happens in the account just before the next descriptions. */
    synchronized void beforeDescription(Runnable happens) {
        beforeDescription = happens;
    }

    synchronized int described() {
        return described;
    }

    synchronized int starts() {
        return starts;
    }

    synchronized int desired() {
        return desired;
    }
}
