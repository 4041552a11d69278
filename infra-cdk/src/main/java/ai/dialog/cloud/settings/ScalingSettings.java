package ai.dialog.cloud.settings;

import java.time.DateTimeException;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks run, and when.
 *
 * @param minTasks the fewest; 0 unless set, for prod 1
 * @param maxTasks the most; 2 unless set, for prod 4
 * @param requestsPerTask for engines without our metric: calls a minute and task that more tasks are started at; 60 unless set
 * @param idleMinutes after which time without a call the tier goes to zero, where {@code minTasks} is 0; 30 unless set
 * @param startSeconds how long a caller who woke the tier is told to wait; 180 unless set, on GPUs 480, which an instance, a
 *     large image and a model take
 * @param hours when at least one task runs and after which the tier goes to zero until it is woken; null for always the same
 * @param timeZone whose clock {@code hours} are by; {@code UTC} unless set
 */
public record ScalingSettings(
        int minTasks,
        int maxTasks,
        int requestsPerTask,
        int idleMinutes,
        int startSeconds,
        @Nullable Hours hours,
        String timeZone) {

    /**
     * Hours of Monday to Friday.
     *
     * @param from the first full hour, 0 to 22
     * @param to the hour that it ends at, at most 23
     */
    public record Hours(int from, int to) {}

    static ScalingSettings from(Context values, boolean prod, boolean gpu) {
        int min = values.number("minTasks", prod ? 1 : 0, 0, 100);
        return new ScalingSettings(
                min,
                values.number("maxTasks", Math.max(min, prod ? 4 : 2), Math.max(1, min), 100),
                values.number("requestsPerTask", 60, 1, 100_000),
                // above the quarter of an hour that one streamed answer can take
                values.number("idleMinutes", 30, 20, 1440),
                values.number("startSeconds", gpu ? 480 : 180, 10, 1800),
                hours(values.text("businessHours", prod ? "always" : "8-20")),
                zone(values.text("timeZone", "UTC")));
    }

    private static @Nullable Hours hours(String text) {
        if (text.equals("always")) {
            return null;
        }
        if (!text.matches("\\d{1,2}-\\d{1,2}")) {
            throw Context.refused("businessHours", "'" + text + "' must be such as 8-20, or always");
        }
        int dash = text.indexOf('-');
        Hours hours = new Hours(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
        if (hours.from >= hours.to || hours.to > 23) {
            throw Context.refused("businessHours", "'" + text + "' must end later on the same day, by 23");
        }
        return hours;
    }

    private static String zone(String text) {
        try {
            return ZoneId.of(text).getId();
        } catch (DateTimeException unknown) {
            throw Context.refused("timeZone", "'" + text + "' is no time zone, such as Europe/Berlin");
        }
    }
}
