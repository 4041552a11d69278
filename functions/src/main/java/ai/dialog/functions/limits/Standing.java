package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Usd;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an account stands against its limits; what runs counts with its most.
 *
 * @param at the moment it was seen
 * @param windows what the counts are of
 * @param requests requests of the minute
 * @param tokens tokens of the minute
 * @param running requests that run
 * @param daySpent money of the day
 * @param monthSpent money of the month
 */
public record Standing(
        Limits limits,
        Instant at,
        Windows windows,
        int requests,
        long tokens,
        int running,
        Usd daySpent,
        Usd monthSpent) {

    /** Requests that the minute has left; null where they are not limited. */
    public @Nullable Long requestsLeft() {
        return left(limits.requestsPerMinute(), requests);
    }

    /** Tokens that the minute has left; null where they are not limited. */
    public @Nullable Long tokensLeft() {
        return left(limits.tokensPerMinute(), tokens);
    }

    private static @Nullable Long left(@Nullable Integer limit, long used) {
        return limit == null ? null : (Long) Math.max(0, limit - used);
    }

    /** How long until the minute's counts start anew, more than nothing. */
    public Duration untilMinuteEnds() {
        var left = Duration.between(at, windows.minuteEnds());
        return left.isPositive() ? left : Duration.ofSeconds(1);
    }
}
