package ai.dialog.functions.openai;

import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What {@code GET /health} answers.
 *
 * @param status "healthy", "loading", "starting", "asleep" or "unhealthy"
 * @param uptime seconds since the start
 * @param detail a short reason for a person
 * @param activeSlots requests being generated now
 * @param slots how many can be at once
 * @param queued requests that wait for a slot
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Health(String status, long uptime, String detail, int activeSlots, int slots, int queued) {

    /** The status of a service that answers. */
    public static final String HEALTHY = "healthy";
}
