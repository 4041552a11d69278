package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How much may be used; null is without a limit.
 *
 * @param requestsPerMinute requests in each minute of the clock, at least 1
 * @param tokensPerMinute tokens of prompts and answers in each minute of the clock, at least 1
 * @param concurrentRequests requests at once, at least 1
 * @param dailyBudget what all requests of a day (UTC) may cost
 * @param monthlyBudget what all requests of a month (UTC) may cost
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Limits(
        @Nullable Integer requestsPerMinute,
        @Nullable Integer tokensPerMinute,
        @Nullable Integer concurrentRequests,
        @Nullable Usd dailyBudget,
        @Nullable Usd monthlyBudget) {

    /** No limit at all. */
    public static final Limits NONE = new Limits(null, null, null, null, null);

    public Limits {
        positive("requestsPerMinute", requestsPerMinute);
        positive("tokensPerMinute", tokensPerMinute);
        positive("concurrentRequests", concurrentRequests);
    }

    private static void positive(String name, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, not " + value);
        }
    }

    /** Whether nothing here is more than the other allows. */
    public boolean within(Limits wider) {
        return equals(narrowedBy(wider));
    }

    /** The smaller of each. */
    public Limits narrowedBy(Limits other) {
        return new Limits(
                smaller(requestsPerMinute, other.requestsPerMinute, Math::min),
                smaller(tokensPerMinute, other.tokensPerMinute, Math::min),
                smaller(concurrentRequests, other.concurrentRequests, Math::min),
                smaller(dailyBudget, other.dailyBudget, Limits::min),
                smaller(monthlyBudget, other.monthlyBudget, Limits::min));
    }

    private static Usd min(Usd a, Usd b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    static <T> @Nullable T smaller(@Nullable T a, @Nullable T b, BinaryOperator<T> min) {
        if (a == null) {
            return b;
        }
        return b == null ? a : min.apply(a, b);
    }
}
