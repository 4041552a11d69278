package ai.dialog.runner.cli;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Restrictions;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A key as {@code --json} prints it: the record without the hash.
 *
 * @param key its text, where it was made just now; else null
 * @param state good, grace (rotated, and good for a while), expired or revoked
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record KeyView(
        String id,
        @Nullable String key,
        String owner,
        String tenant,
        String account,
        String state,
        Instant created,
        Instant expires,
        @Nullable Instant revoked,
        @Nullable String successor,
        Set<String> scopes,
        @Nullable Restrictions restrictions,
        @Nullable Limits limits) {

    private static final Duration SOON = Duration.ofDays(14);

    static KeyView of(ApiKey key, Instant now) {
        return of(key, null, now);
    }

    static KeyView of(ApiKey key, @Nullable String text, Instant now) {
        return new KeyView(
                key.id(),
                text,
                key.owner(),
                key.tenant(),
                key.countedUnder(),
                state(key, now),
                key.created(),
                key.expires(),
                key.revoked(),
                key.successor(),
                new TreeSet<>(key.scopes()),
                key.restrictions(),
                key.limits());
    }

    private static String state(ApiKey key, Instant now) {
        if (key.revoked() != null) {
            return "revoked";
        }
        if (!now.isBefore(key.expires())) {
            return "expired";
        }
        return key.successor() == null ? "good" : "grace";
    }

    /** The heading of {@link #line}. */
    static String heading() {
        return String.format(Locale.ROOT, "%-12s  %-24s  %-8s  %-20s  %s", "ID", "OWNER", "STATE", "EXPIRES", "NOTES");
    }

    /** One line of a table. */
    String line(Instant now) {
        return String.format(
                        Locale.ROOT,
                        "%-12s  %-24s  %-8s  %-20s  %s",
                        id,
                        cut(owner),
                        state,
                        second(expires),
                        notes(now))
                .stripTrailing();
    }

    private String notes(Instant now) {
        var notes = new StringBuilder();
        if (successor != null) {
            notes.append("replaced by ").append(successor).append("; ");
        } else if (state.equals("good") && expires.isBefore(now.plus(SOON))) {
            notes.append("ends in ")
                    .append(Duration.between(now, expires).toDays())
                    .append(" days: keys rotate ")
                    .append(id)
                    .append("; ");
        }
        if (restrictions != null) {
            notes.append("restricted; ");
        }
        if (limits != null) {
            notes.append("limited; ");
        }
        return notes.isEmpty() ? "" : notes.substring(0, notes.length() - 2);
    }

    /** A time to the second. */
    static Instant second(Instant time) {
        return Instant.ofEpochSecond(time.getEpochSecond());
    }

    private static String cut(String text) {
        return text.length() <= 24 ? text : text.substring(0, 23) + "…";
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "KeyView[" + id + "]";
    }
}
