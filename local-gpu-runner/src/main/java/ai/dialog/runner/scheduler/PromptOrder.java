package ai.dialog.runner.scheduler;

import ai.dialog.runner.scheduler.PrefixCache.Match;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose prompt is computed next, and from where it starts. Used by the model's thread alone.
 *
 * <p>Order: each prompt is due when as many tokens have been computed since it came as it still needs; the earliest due goes
 * first. Among prompts that came together that is the shortest, so that most first tokens come early; and as the due point of
 * a long one stays where it is while those of later ones move on, it is passed over by at most its own length.
 *
 * <p>Beginnings: a prompt that has not begun is copied as far as a conversation of the same tenant has it, be that one over
 * or still running. Where a prompt that is being computed will soon have more of it, it waits for that one: of 50 requests
 * with one long beginning, the first computes it. A prompt waits only for one that has begun, so that none wait for each
 * other.
 */
final class PromptOrder {

    private final PrefixCache prefixes;
    private final boolean shares;
    private final Counters counters;
    private long computed;

    /**
     * An order over the rows of a batch.
     *
     * @param shares whether beginnings are shared between requests; choices of one request always share theirs
     */
    PromptOrder(PrefixCache prefixes, boolean shares, Counters counters) {
        this.prefixes = prefixes;
        this.shares = shares;
        this.counters = counters;
    }

    /**
     * The next row and what it has of its prompt before it starts.
     *
     * @param copied null if it has begun, or begins with nothing
     */
    record Next(Row row, @Nullable Match copied) {}

    /** How many tokens have been computed so far; a row keeps what it was when it came. */
    long now() {
        return computed;
    }

    /** Tokens of a prompt have been computed. */
    void computed(int tokens) {
        computed += tokens;
        counters.prefilledTokens.add(tokens);
    }

    /**
     * The row that is due first of those that can go on and are not planned yet.
     *
     * @param most tokens that it may still need
     * @return null if there is none
     */
    @Nullable
    Next next(List<Row> rows, int most) {
        Next best = null;
        long bestDue = Long.MAX_VALUE;
        for (Row row : rows) {
            if (row.isClosed() || row.isPlanned() || row.promptLeft() == 0) {
                continue;
            }
            Match copied = row.hasBegun() || row.scoresPrompt() ? null : longest(row, rows);
            int left = row.promptLeft() - (copied == null ? 0 : copied.length());
            long due = row.entered() + left;
            if (due < bestDue && left <= most && !waits(row, copied, rows)) {
                best = new Next(row, copied);
                bestDue = due;
            }
        }
        return best;
    }

    /** A row starts with what it was given. */
    void begins(Row row, @Nullable Match copied) {
        if (row.scoresPrompt()) {
            return;
        }
        counters.prefixLookups.increment();
        if (copied != null) {
            counters.prefixHits.increment();
            counters.reusedTokens.add(copied.length());
            prefixes.used(copied.sequence());
        }
    }

    private @Nullable Match longest(Row row, List<Row> rows) {
        int[] prompt = row.generation().promptTokens();
        Match best = shares ? prefixes.longest(row.generation().request().tenant(), prompt) : null;
        for (Row other : rows) {
            if (other != row && !other.isClosed() && share(row, other)) {
                int length = other.common(prompt, other.sequence().length());
                if (length >= (best == null ? PrefixCache.LEAST_TOKENS : best.length() + 1)) {
                    best = new Match(other.sequence(), length);
                }
            }
        }
        return best;
    }

    /** Whether another row, whose prompt is being computed, will have more of this one's beginning. */
    private boolean waits(Row row, @Nullable Match copied, List<Row> rows) {
        if (row.hasBegun() || row.scoresPrompt()) {
            return false;
        }
        if (row.generation().scoresPrompt() && isBeingScored(row, rows)) {
            return true;
        }
        int[] prompt = row.generation().promptTokens();
        int worthWaiting = PrefixCache.LEAST_TOKENS + (copied == null ? 0 : copied.length());
        for (Row other : rows) {
            if (!other.isClosed() && other.hasBegun() && other.promptLeft() > 0 && share(row, other)) {
                if (other.common(prompt, other.generation().promptTokens().length) >= worthWaiting) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether the first choice, which scores the prompt for all, has not done so yet. */
    private static boolean isBeingScored(Row row, List<Row> rows) {
        return rows.stream()
                .anyMatch(other -> other.generation() == row.generation()
                        && other.scoresPrompt()
                        && !other.isClosed()
                        && other.promptLeft() > 0);
    }

    private boolean share(Row row, Row other) {
        return row.generation() == other.generation()
                || (shares
                        && row.generation()
                                .request()
                                .tenant()
                                .equals(other.generation().request().tenant()));
    }
}
