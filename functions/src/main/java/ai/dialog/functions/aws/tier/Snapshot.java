package ai.dialog.functions.aws.tier;

import java.time.Instant;
import java.util.List;

/**
 * An ECS service at one moment, as far as it matters here.
 *
 * @param desired how many tasks are wanted
 * @param running how many run, serving or not yet
 * @param updated when a deployment of it last changed
 * @param failed whether its present deployment was given up
 * @param events what ECS reports of it, the newest first; ECS keeps the last hundred
 */
record Snapshot(int desired, int running, Instant updated, boolean failed, List<Event> events) {

    Snapshot {
        events = List.copyOf(events);
    }

    /** A sentence of ECS ("Amazon ECS service event messages" in its developer guide). */
    record Event(Instant at, String message) {}
}
