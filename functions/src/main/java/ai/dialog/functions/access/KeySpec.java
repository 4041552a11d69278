package ai.dialog.functions.access;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new key is to be.
 *
 * @param owner whom it is for: 1 to 128 printable characters
 * @param tenant what shares caches, and so much as a name: 1 to 128 printable characters
 * @param scopes what it may do, of {@link Scope}'s names; not empty
 * @param lifetime 1 second to {@link #MAX_LIFETIME}
 * @param restrictions what it may not do all the same
 * @param limits how much it may use
 */
public record KeySpec(
        String owner, String tenant, Set<String> scopes, Duration lifetime, Restrictions restrictions, Limits limits) {

    /** Ten years: whoever wants longer wants no expiry, and there is none such. */
    public static final Duration MAX_LIFETIME = Duration.ofDays(3_650);

    /** More models than a service offers. */
    public static final int MAX_MODELS = 100;

    private static final int MAX_NAME = 128;
    private static final int MAX_MODEL_NAME = 256;

    public KeySpec {
        name("owner", owner, MAX_NAME);
        name("tenant", tenant, MAX_NAME);
        scopes = Set.copyOf(scopes);
        if (scopes.isEmpty() || !Scope.OPERATOR.containsAll(scopes)) {
            throw new IllegalArgumentException(
                    "The scopes must be one or more of %s, not %s".formatted(sorted(Scope.OPERATOR), sorted(scopes)));
        }
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "A key's life must be 1 second to %d days, not %s".formatted(MAX_LIFETIME.toDays(), lifetime));
        }
        check(restrictions);
    }

    /** A key with the scopes of a user, for {@link ApiKey#DEFAULT_LIFETIME}, without restrictions and limits. */
    public static KeySpec of(String owner) {
        return of(owner, Scope.ALL, ApiKey.DEFAULT_LIFETIME);
    }

    static KeySpec of(String owner, Set<String> scopes, Duration lifetime) {
        return new KeySpec(owner, tenantOf(owner), scopes, lifetime, Restrictions.NONE, Limits.NONE);
    }

    /** The tenant of an owner that nobody put among others: its own. */
    public static String tenantOf(String owner) {
        return owner.toLowerCase(Locale.ROOT);
    }

    private static void check(Restrictions restrictions) {
        var models = restrictions.models();
        if (models != null) {
            if (models.size() > MAX_MODELS) {
                throw new IllegalArgumentException(
                        "There must be at most %d models, not %d".formatted(MAX_MODELS, models.size()));
            }
            models.forEach(model -> name("model", model, MAX_MODEL_NAME));
        }
        var cidrs = restrictions.cidrs();
        if (cidrs != null && cidrs.size() > Cidr.MAX_RANGES) {
            throw new IllegalArgumentException(
                    "There must be at most %d ranges of addresses, not %d".formatted(Cidr.MAX_RANGES, cidrs.size()));
        }
    }

    /** Letters, digits, punctuation, symbols and single spaces: what shows as what it is in a table or a log. */
    private static void name(String what, String text, int most) {
        if (text.length() > most
                || !text.matches("[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]+( [\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]+)*")) {
            throw new IllegalArgumentException(
                    "The %s must have 1 to %d letters, digits, signs and single spaces".formatted(what, most));
        }
    }

    private static @Nullable String sorted(Set<String> names) {
        return names.stream().sorted().reduce((a, b) -> a + ", " + b).orElse("none");
    }
}
