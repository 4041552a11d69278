package ai.dialog.runner.scheduler;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the first of several stop strings in text that comes in pieces, and says how much of the text so far could still
 * turn out to be the beginning of one. Of several, the one that is complete first ends the text; of two that are complete
 * at the same character, the longer. So the result never depends on how the text was cut into pieces.
 *
 * <p>One Knuth-Morris-Pratt automaton for each stop string: its state is the length of the longest beginning of the stop
 * string that the text ends in. Constant time for each character, amortised, and nothing is searched twice.
 */
final class StopMatcher {

    private final String[] stops;
    private final int[][] failure;
    private final int[] states;
    private int surplus;

    /**
     * A matcher at the beginning of a text.
     *
     * @param stops an empty one, or one with half a surrogate pair, never matches
     */
    StopMatcher(List<String> stops) {
        this.stops = stops.stream()
                .filter(stop -> !stop.isEmpty() && isWellFormed(stop))
                .toArray(String[]::new);
        this.failure = Arrays.stream(this.stops).map(StopMatcher::failureOf).toArray(int[][]::new);
        this.states = new int[this.stops.length];
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints()
                .noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }

    /** For each length, the next shorter beginning of the word that is also an end of its beginning of that length. */
    private static int[] failureOf(String word) {
        var failure = new int[word.length() + 1];
        int state = 0;
        for (int i = 1; i < word.length(); i++) {
            while (state > 0 && word.charAt(i) != word.charAt(state)) {
                state = failure[state];
            }
            if (word.charAt(i) == word.charAt(state)) {
                state++;
            }
            failure[i + 1] = state;
        }
        return failure;
    }

    /** Adds text; true if a stop string is complete, after which nothing may be added. */
    boolean add(String text) {
        for (int i = 0; i < text.length(); i++) {
            int longest = 0;
            for (int s = 0; s < stops.length; s++) {
                if (advance(s, text.charAt(i)) == stops[s].length()) {
                    longest = Math.max(longest, stops[s].length());
                }
            }
            if (longest > 0) {
                surplus = longest + text.length() - i - 1;
                return true;
            }
        }
        return false;
    }

    private int advance(int s, char c) {
        String word = stops[s];
        int state = states[s];
        while (state > 0 && word.charAt(state) != c) {
            state = failure[s][state];
        }
        if (word.charAt(state) == c) {
            state++;
        }
        states[s] = state;
        return state;
    }

    /** How many characters at the end of the text may yet be part of a stop string. */
    int held() {
        int held = 0;
        for (int state : states) {
            held = Math.max(held, state);
        }
        return held;
    }

    /** After a match: how many characters at the end of the text are the stop string and what came after it. */
    int surplus() {
        return surplus;
    }
}
