package ai.dialog.runner.scheduler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Guesses what follows in a text from what followed the same words earlier in it (prompt-lookup decoding, Saxena 2023,
 * <a href="https://github.com/apoorvumang/prompt-lookup-decoding">github.com/apoorvumang/prompt-lookup-decoding</a>): where
 * its last three tokens stood before, the tokens that stood behind them. The model scores a guess, and what it would not have
 * chosen is thrown away.
 *
 * <p>A guess that fails costs the time of its tokens, so it grows while guesses come true, shrinks when they do not, and
 * rests after several failures. The index is made when the first guess is asked for, and holds one entry for each token at most.
 */
final class PromptLookup {

    /** Two tokens recur by chance in any English text; with three a guess comes true often enough to pay. */
    private static final int GRAM = 3;

    /** A vocabulary of two million tokens: three ids fit into one long. The largest in use has 262,144. */
    private static final int ID_BITS = 21;

    private static final int FIRST_GUESS = 4;

    /** Rests at most so many tokens after failures: a text that begins to repeat itself late is still found. */
    private static final int LONGEST_REST = 32;

    private final int most;
    private final Map<Long, Integer> followers = new HashMap<>();
    private int indexed = GRAM;
    private int guess = FIRST_GUESS;
    private int rest = 1;
    private int resting;

    /**
     * For one text.
     *
     * @param most the most tokens of one guess; 0 for none ever
     */
    PromptLookup(int most) {
        this.most = most;
    }

    /**
     * The tokens that may follow.
     *
     * @param tokens the text so far; it begins as the last time
     * @param length how many of them count
     * @param room the most that are of use
     * @return empty where nothing is known
     */
    int[] guess(int[] tokens, int length, int room) {
        int wanted = Math.min(Math.min(guess, most), room);
        if (wanted <= 0 || length < GRAM) {
            return new int[0];
        }
        if (resting > 0) {
            resting--;
            return new int[0];
        }
        for (; indexed < length; indexed++) {
            followers.put(gramBefore(tokens, indexed), indexed);
        }
        int at = followers.getOrDefault(gramBefore(tokens, length), length);
        return Arrays.copyOfRange(tokens, at, Math.min(at + wanted, length));
    }

    private static long gramBefore(int[] tokens, int end) {
        long gram = 0;
        for (int i = end - GRAM; i < end; i++) {
            gram = gram << ID_BITS | tokens[i];
        }
        return gram;
    }

    /** So many tokens of a guess came true. */
    void judged(int right, int guessed) {
        if (right == guessed) {
            guess = Math.min(2 * guess, Math.max(1, most));
            rest = 1;
        } else if (right == 0) {
            guess = Math.max(1, guess / 2);
            resting = rest;
            rest = Math.min(2 * rest, LONGEST_REST);
        } else {
            guess = Math.max(right, 1);
            rest = 1;
        }
    }
}
