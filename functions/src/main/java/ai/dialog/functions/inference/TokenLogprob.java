package ai.dialog.functions.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How likely a token was, as the model saw it before temperature and penalties.
 *
 * @param id the token's id; -1 where the server that answered did not tell
 * @param text the token's text; bytes that are no character of their own show as U+FFFD
 * @param bytes the token's exact bytes, each 0 to 255
 * @param logprob natural logarithm of the probability; null for the first token of an echoed prompt
 * @param top the likeliest tokens at this place, best first, their own {@code top} empty
 */
public record TokenLogprob(
        int id, String text, List<Integer> bytes, @Nullable Double logprob, List<TokenLogprob> top) {
    public TokenLogprob {
        bytes = List.copyOf(bytes);
        top = List.copyOf(top);
    }
}
