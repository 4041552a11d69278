package ai.dialog.functions.inference;

/**
 * Whether requests can be served.
 *
 * @param status the state
 * @param detail a short reason for a person, free of secrets and paths
 * @param activeSlots requests being generated now
 * @param slots how many can be at once
 * @param queued requests that wait for a slot
 */
public record Readiness(Status status, String detail, int activeSlots, int slots, int queued) {

    /** The states of a server, as {@code GET /health} names them in lower case. */
    public enum Status {
        HEALTHY,
        LOADING,
        /** The containers with the model are being started. */
        STARTING,
        /** There are none, to cost nothing; the next request for the model starts them. */
        ASLEEP,
        UNHEALTHY
    }
}
