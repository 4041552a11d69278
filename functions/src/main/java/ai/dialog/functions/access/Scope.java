package ai.dialog.functions.access;

import java.util.Set;

/** The names of what a key can be allowed. */
public final class Scope {

    /** To generate text. */
    public static final String INFERENCE = "inference";

    /** To make tokens out of the key; a token never has it. */
    public static final String TOKENS = "tokens";

    /** Everything. */
    public static final Set<String> ALL = Set.of(INFERENCE, TOKENS);

    private Scope() {}
}
