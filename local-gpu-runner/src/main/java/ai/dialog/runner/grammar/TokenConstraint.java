package ai.dialog.runner.grammar;

/**
 * Holds one text to its grammar, token by token. Not thread-safe.
 *
 * <p>It costs a pass over the scores for each token, and a walk of the vocabulary where a state is met for the first time.
 */
public final class TokenConstraint {

    private final TokenMasks masks;
    private Grammar.State state;

    TokenConstraint(TokenMasks masks, Grammar.State start) {
        this.masks = masks;
        this.state = start;
    }

    /**
     * Makes the scores of all tokens that may not follow minus infinity.
     *
     * @throws IllegalStateException if the vocabulary has no token that may follow
     */
    public void apply(float[] scores) {
        long[] allowed = masks.of(state);
        boolean any = false;
        for (int block = 0; block < allowed.length; block++) {
            long bits = allowed[block];
            int first = block * Long.SIZE;
            int end = Math.min(scores.length, first + Long.SIZE);
            any |= bits != 0;
            for (int id = first; id < end; id++) {
                if ((bits >>> id & 1) == 0) {
                    scores[id] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        if (!any) {
            throw new IllegalStateException("the vocabulary has no token that the grammar allows");
        }
    }

    /** Whether a token may follow. */
    public boolean allows(int token) {
        return (masks.of(state)[token / Long.SIZE] >>> token & 1) != 0;
    }

    /**
     * Takes the next token.
     *
     * @throws IllegalStateException if it may not follow
     */
    public void add(int token) {
        if (masks.vocabulary().isEnd(token)) {
            return;
        }
        var at = state;
        for (byte b : masks.vocabulary().text(token)) {
            at = at.after(b & 0xff);
            if (at == null) {
                throw new IllegalStateException("token " + token + " may not follow");
            }
        }
        state = at;
    }

    /** Whether the text is complete, and nothing may follow but its end. */
    public boolean isComplete() {
        return state.mayEnd() && state.mustEnd();
    }
}
