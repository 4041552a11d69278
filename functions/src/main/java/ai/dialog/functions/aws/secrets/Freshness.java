package ai.dialog.functions.aws.secrets;

import java.time.Duration;

/**
 * How old a copy of a secret may be.
 *
 * @param refresh from this age on it is read again, while requests go on with the copy
 * @param lapse from this age on, where nothing refreshes it between requests, a request waits for the new one
 * @param outage from this age on it is not used any more: while Secrets Manager cannot be read, requests live on the last
 *     good copy for so long
 * @param longestWait the longest that a request waits for a new copy where there is an old one
 * @param firstWait the longest that a request waits where nothing has been read yet: a function that has just started has
 *     nothing else to go by
 */
public record Freshness(Duration refresh, Duration lapse, Duration outage, Duration longestWait, Duration firstWait) {

    /** A change is seen by everybody within a minute; an outage of an hour is lived through. */
    public static final Freshness DEFAULT = new Freshness(
            Duration.ofSeconds(30),
            Duration.ofSeconds(50),
            Duration.ofHours(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10));

    public Freshness {
        if (!refresh.isPositive()
                || lapse.compareTo(refresh) < 0
                || outage.compareTo(lapse) < 0
                || longestWait.isNegative()
                || firstWait.isNegative()) {
            throw new IllegalArgumentException(
                    "refresh, lapse and outage must be positive and in this order, not %s, %s, %s"
                            .formatted(refresh, lapse, outage));
        }
    }

    /** The same with another bound for outages, at least {@link #lapse}. */
    public Freshness withOutage(Duration longest) {
        return new Freshness(refresh, lapse, longest, longestWait, firstWait);
    }
}
