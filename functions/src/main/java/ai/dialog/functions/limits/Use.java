package ai.dialog.functions.limits;

import ai.dialog.functions.access.Usd;

/**
 * What a request takes of an account's limits, or can take at most.
 *
 * @param requests 1, or 0 for a request that shall not count at all
 * @param tokens of prompt and answer together
 * @param cost what they cost
 */
public record Use(int requests, long tokens, Usd cost) {

    /** Nothing: the request is not counted either. */
    public static final Use NONE = new Use(0, 0, Usd.ZERO);

    public Use {
        if (requests < 0 || tokens < 0) {
            throw new IllegalArgumentException("A use must not be negative");
        }
    }
}
