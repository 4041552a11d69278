package ai.dialog.functions.limits;

import ai.dialog.functions.access.Usd;
import java.io.Serial;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A request that does not fit a limit, before anything was done for it; its message is fit for the caller to read. */
public final class LimitExceededException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** When another request ends is not known. */
    private static final Duration SLOT_RETRY = Duration.ofSeconds(1);

    /** Which of the limits. */
    public enum Limit {
        REQUESTS,
        TOKENS,
        CONCURRENCY,
        DAILY_BUDGET,
        MONTHLY_BUDGET;

        /** Whether it is one of money. */
        public boolean isBudget() {
            return this == DAILY_BUDGET || this == MONTHLY_BUDGET;
        }
    }

    private final Limit limit;
    private final transient Standing standing;
    private final @Nullable Duration retryAfter;

    private LimitExceededException(Limit limit, Standing standing, @Nullable Duration retryAfter, String message) {
        // no stack trace: a flood of refusals must stay cheap
        super(message, null, false, false);
        this.limit = limit;
        this.standing = standing;
        this.retryAfter = retryAfter;
    }

    /**
     * Refuses what does not fit. Of several limits it names the one that lasts longest: to come back sooner would be of no
     * use.
     */
    static void check(Standing standing, Use most) {
        var limits = standing.limits();
        var windows = standing.windows();
        var month = limits.monthlyBudget();
        if (month != null && exceeds(standing.monthSpent(), most, month)) {
            throw budget(Limit.MONTHLY_BUDGET, standing, most, month, standing.monthSpent(), windows.monthEnds());
        }
        var day = limits.dailyBudget();
        if (day != null && exceeds(standing.daySpent(), most, day)) {
            throw budget(Limit.DAILY_BUDGET, standing, most, day, standing.daySpent(), windows.dayEnds());
        }
        var tokens = limits.tokensPerMinute();
        if (tokens != null && standing.tokens() + most.tokens() > tokens) {
            throw rate(Limit.TOKENS, "tokens", standing, tokens, standing.tokens(), most.tokens());
        }
        var requests = limits.requestsPerMinute();
        if (requests != null && standing.requests() + most.requests() > requests) {
            throw rate(Limit.REQUESTS, "requests", standing, requests, standing.requests(), most.requests());
        }
        var concurrent = limits.concurrentRequests();
        int places = concurrent == null ? Account.MOST_HELD : Math.min(concurrent, Account.MOST_HELD);
        if (standing.running() >= places) {
            throw new LimitExceededException(
                    Limit.CONCURRENCY,
                    standing,
                    SLOT_RETRY,
                    "Rate limit reached: this key may have %d requests at once, and has them. Try again when one has ended."
                            .formatted(places));
        }
    }

    private static boolean exceeds(Usd spent, Use most, Usd budget) {
        return most.cost().compareTo(budget.minus(spent)) > 0;
    }

    private static LimitExceededException budget(
            Limit limit, Standing standing, Use most, Usd budget, Usd spent, Instant resets) {
        return new LimitExceededException(
                limit,
                standing,
                null,
                "The %s budget of this key is %s, of which %s is left, and this request can cost up to %s. A smaller 'max_tokens' may fit; the budget starts anew at %s."
                        .formatted(
                                limit == Limit.DAILY_BUDGET ? "daily" : "monthly",
                                budget,
                                budget.minus(spent),
                                most.cost(),
                                resets));
    }

    private static LimitExceededException rate(
            Limit limit, String unit, Standing standing, int most, long used, long wanted) {
        if (wanted > most) {
            return new LimitExceededException(
                    limit,
                    standing,
                    null,
                    "Request too large: this key may use %d %s per minute, and this request can take up to %d. A shorter prompt or a smaller 'max_tokens' may fit."
                            .formatted(most, unit, wanted));
        }
        var wait = standing.untilMinuteEnds();
        return new LimitExceededException(
                limit,
                standing,
                wait,
                "Rate limit reached: this key may use %d %s per minute, of which %d are left, and this request can take up to %d. Try again in %d s."
                        .formatted(
                                most,
                                unit,
                                Math.max(0, most - used),
                                wanted,
                                wait.plusMillis(999).toSeconds()));
    }

    /** Which limit it is. */
    public Limit limit() {
        return limit;
    }

    /** How the account stood. */
    public Standing standing() {
        return standing;
    }

    /** When the same request may fit; null where it never will, or not before its budget starts anew. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
