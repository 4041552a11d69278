package ai.dialog.functions.access;

import java.time.Duration;

/**
 * What a token is to be: as much as its key, or less.
 *
 * @param lifetime 1 second to {@link Tokens#MAX_LIFETIME}
 * @param restrictions beside those of its key
 * @param limits beside those of its key, counted for the token alone
 */
public record TokenGrant(Duration lifetime, Restrictions restrictions, Limits limits) {

    public TokenGrant {
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(Tokens.MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException("A token's life must be 1 second to 7 days, not " + lifetime);
        }
    }

    /** As much as its key. */
    public static TokenGrant of(Duration lifetime) {
        return new TokenGrant(lifetime, Restrictions.NONE, Limits.NONE);
    }
}
