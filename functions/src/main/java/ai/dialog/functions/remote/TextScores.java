package ai.dialog.functions.remote;

import ai.dialog.functions.inference.TokenLogprob;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the log probabilities of one choice are its text's. Where tools can be called, those that come without text are
 * either of half a character or of a marker that the server keeps back until it knows a call: they wait for text. Not safe for
 * use by several threads at once.
 */
final class TextScores {

    /** More tokens than a marker or a character has; where more wait, they are a call's that is sent as a whole. */
    private static final int MOST_WAITING = 64;

    private final boolean callable;
    private final List<TokenLogprob> waiting = new ArrayList<>();

    /** Where nothing can be called, all are the text's. */
    TextScores(boolean callable) {
        this.callable = callable;
    }

    /** Those that go out with a delta's text; those of a call are nobody's. */
    List<TokenLogprob> read(String text, boolean calling, List<TokenLogprob> sent) {
        if (calling && text.isEmpty()) {
            waiting.clear();
            return List.of();
        }
        if (!callable) {
            return sent;
        }
        waiting.addAll(sent);
        if (text.isEmpty()) {
            if (waiting.size() > MOST_WAITING) {
                waiting.clear();
            }
            return List.of();
        }
        List<TokenLogprob> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
