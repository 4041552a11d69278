package ai.dialog.functions.access;

import java.util.Set;

/** The names of what a key can be allowed. */
public final class Scope {

    /** To generate text. */
    public static final String INFERENCE = "inference";

    /** To make tokens out of the key; a token never has it. */
    public static final String TOKENS = "tokens";

    /** To read the service's own figures, which are about all callers together; a token never has it. */
    public static final String METRICS = "metrics";

    /** Everything that a user of the models does: what a key has unless it was said otherwise. */
    public static final Set<String> ALL = Set.of(INFERENCE, TOKENS);

    /** What an operator does too. */
    public static final Set<String> OPERATOR = Set.of(INFERENCE, TOKENS, METRICS);

    /** What a token never has, whatever its key has and whoever signed it. */
    static final Set<String> KEYS_ALONE = Set.of(TOKENS, METRICS);

    private Scope() {}
}
