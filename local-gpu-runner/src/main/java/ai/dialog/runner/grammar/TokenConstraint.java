package ai.dialog.runner.grammar;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds one text to its grammar, token by token, and reads the calls in it. Not thread-safe.
 *
 * <p>It costs a pass over the scores for each token that not all may be, and a walk of the vocabulary where a state is met for the
 * first time.
 */
public final class TokenConstraint {

    private final TokenMasks masks;
    private final @Nullable CallReader reader;
    private final @Nullable Supplier<Grammar.State> lastName;
    private Grammar.State state;
    private List<CallPiece> pieces = List.of();
    private boolean inCalls;
    private int noText;

    /**
     * At the beginning of a text.
     *
     * @param reader null where there are no calls
     * @param lastName where the name of a call begins behind which there is no other; null where there can be no second call
     */
    TokenConstraint(
            TokenMasks masks,
            Grammar.State start,
            @Nullable CallReader reader,
            @Nullable Supplier<Grammar.State> lastName) {
        this.lastName = lastName;
        this.masks = masks;
        this.state = start;
        this.reader = reader;
        this.inCalls = start.inCall();
    }

    /** Whether there is anything that may not follow; else {@link #apply} is of no use. */
    public boolean restricts() {
        return !state.isFree() || masks.vocabulary().restricts(masks.of(state));
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
        pieces = List.of();
        if (masks.vocabulary().isEnd(token)) {
            return;
        }
        byte[] text = masks.vocabulary().text(token);
        var at = state;
        int marked = inCalls ? 0 : -1;
        for (int i = 0; i < text.length; i++) {
            at = at.after(text[i] & 0xff);
            if (at == null) {
                if (state.isFree()) {
                    return; // a special token, which is no text
                }
                throw new IllegalStateException("token " + token + " may not follow");
            }
            if (marked < 0 && at.inCall()) {
                marked = i + 1;
            }
        }
        state = at;
        if (marked >= 0 && reader != null) {
            noText = inCalls
                    ? 0
                    : reader.markerLength() + FreeText.textLength(Arrays.copyOfRange(text, marked, text.length));
            inCalls = true;
            pieces = reader.read(text, marked);
            endWithLast(reader.lastCall(), token, text);
        }
    }

    /** From where the last call begins that there may be, only its end may come behind it. */
    private void endWithLast(int from, int token, byte[] text) {
        if (from < 0 || lastName == null) {
            return;
        }
        Grammar.State at = lastName.get();
        for (int i = from; i < text.length; i++) {
            at = at.after(text[i] & 0xff);
            if (at == null) {
                throw new IllegalStateException("token " + token + " begins one call more than there may be");
            }
        }
        state = at;
    }

    /** Whether the text so far ends in calls. */
    public boolean inCalls() {
        return inCalls;
    }

    /** What the last token told of calls. */
    public List<CallPiece> pieces() {
        return pieces;
    }

    /** After the token that began the calls: how many of the last characters until now are theirs, and no text. */
    public int noText() {
        return noText;
    }

    /** How many of the last characters, as Java counts them, may be the beginning of calls, and then are no text. */
    public int held() {
        return state.held();
    }

    /** Whether any text may follow, and the text may be ended. */
    public boolean isFree() {
        return state.isFree();
    }

    /** Whether the text is complete, and nothing may follow but its end. */
    public boolean isComplete() {
        return state.mayEnd() && state.mustEnd();
    }
}
