package ai.dialog.functions.http;

import ai.dialog.functions.limits.Standing;
import ai.dialog.functions.limits.Standings;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The headers that tell a caller what its limits leave, when its request was counted: OpenAI's, and those of the IETF's
 * draft-ietf-httpapi-ratelimit-headers-10. Of several limits it is the one that leaves least.
 */
final class LimitHeaders {

    /** All names, for browsers. */
    static final String NAMES = "ratelimit, ratelimit-policy, x-ratelimit-limit-requests, "
            + "x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, "
            + "x-ratelimit-reset-requests, x-ratelimit-reset-tokens";

    private static final int WINDOW_SECONDS = 60;

    private LimitHeaders() {}

    static Map<String, String> of(Standings standings) {
        var headers = new LinkedHashMap<String, String>();
        put(headers, standings, "requests", standing -> standing.limits().requestsPerMinute(), Standing::requestsLeft);
        put(headers, standings, "tokens", standing -> standing.limits().tokensPerMinute(), Standing::tokensLeft);
        return headers;
    }

    private static void put(
            Map<String, String> headers,
            Standings standings,
            String unit,
            Function<Standing, @Nullable Integer> limit,
            Function<Standing, @Nullable Long> left) {
        standings.all().stream()
                .filter(standing -> left.apply(standing) != null)
                .min(Comparator.comparing(standing -> Objects.requireNonNull(left.apply(standing))))
                .ifPresent(standing -> {
                    // whole seconds, rounded up: who comes then is not too early
                    long reset = standing.untilMinuteEnds().plusMillis(999).toSeconds();
                    headers.put("x-ratelimit-limit-" + unit, String.valueOf(limit.apply(standing)));
                    headers.put("x-ratelimit-remaining-" + unit, String.valueOf(left.apply(standing)));
                    headers.put("x-ratelimit-reset-" + unit, duration(Duration.ofSeconds(reset)));
                    headers.merge(
                            "ratelimit-policy",
                            "\"%s\";q=%d;w=%d".formatted(unit, limit.apply(standing), WINDOW_SECONDS),
                            LimitHeaders::list);
                    headers.merge(
                            "ratelimit",
                            "\"%s\";r=%d;t=%d".formatted(unit, left.apply(standing), reset),
                            LimitHeaders::list);
                });
    }

    private static String list(String one, String other) {
        return one + ", " + other;
    }

    /** As OpenAI writes one: {@code 12s}, {@code 6m0s}. */
    private static String duration(Duration time) {
        return time.toMinutes() == 0
                ? time.toSeconds() + "s"
                : "%dm%ds".formatted(time.toMinutes(), time.toSecondsPart());
    }
}
