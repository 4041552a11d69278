package ai.dialog.functions.aws.tier;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the events of an ECS service tell of its starts. They are sentences: {@code (service x) has started 1 tasks: (task
 * y).}, {@code has stopped 1 running tasks} and, when all that is wanted runs and is healthy at the load balancer, {@code has
 * reached a steady state.} A sentence of another form is passed over, so that a change of theirs costs the estimate and
 * nothing else.
 *
 * @param begun when the start that has not become steady yet began; null where none is under way
 * @param last how long the last start from zero took that did; null where the events tell of none
 */
record StartHistory(@Nullable Instant begun, @Nullable Duration last) {

    private static final Pattern STARTED = Pattern.compile("has started (\\d{1,4}) tasks");
    private static final Pattern STOPPED = Pattern.compile("has stopped (\\d{1,4}) running tasks");
    private static final String STEADY = "has reached a steady state";

    /** Shorter or longer is no start of a model, but events that were misread. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofHours(1);

    static StartHistory of(Snapshot service) {
        return new StartHistory(begun(service.events()), last(service.events(), service.running()));
    }

    /** The first start since the last steady state: a task that fails is started again, and its caller waits from the first. */
    private static @Nullable Instant begun(List<Snapshot.Event> newestFirst) {
        Instant begun = null;
        for (Snapshot.Event event : newestFirst) {
            if (event.message().contains(STEADY)) {
                break;
            }
            if (STARTED.matcher(event.message()).find()) {
                begun = event.at();
            }
        }
        return begun;
    }

    /**
     * Goes back in time and counts how many tasks there were before each event: a start from none is one from zero. Since the
     * last steady state the events and the count can be apart by what is just being placed.
     */
    private static @Nullable Duration last(List<Snapshot.Event> newestFirst, int tasksNow) {
        int tasks = tasksNow;
        Instant steady = null;
        boolean unsteady = true;
        for (Snapshot.Event event : newestFirst) {
            if (event.message().contains(STEADY)) {
                steady = event.at();
                unsteady = false;
            }
            int stopped = counted(STOPPED, event);
            if (stopped > 0) {
                // what became steady after it is not what was started before it
                steady = null;
                tasks += stopped;
            }
            int started = counted(STARTED, event);
            tasks = unsteady ? Math.max(0, tasks - started) : tasks - started;
            if (tasks < 0) {
                // an event is missing, and every count before it is wrong
                return null;
            }
            if (started > 0 && tasks == 0 && steady != null) {
                Duration took = Duration.between(event.at(), steady);
                return took.compareTo(SHORTEST) < 0 || took.compareTo(LONGEST) > 0 ? null : took;
            }
        }
        return null;
    }

    private static int counted(Pattern sentence, Snapshot.Event event) {
        Matcher found = sentence.matcher(event.message());
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }
}
