package ai.dialog.functions;

import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.openai.ChatLogprobs;
import ai.dialog.functions.openai.TextLogprobs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From an inference's log probabilities to the shapes of the two endpoints. */
final class LogprobShapes {

    /** What OpenAI writes for a token that could not come: JSON has no infinity. */
    private static final double IMPOSSIBLE = -9999.0;

    private LogprobShapes() {}

    static ChatLogprobs chat(List<TokenLogprob> tokens) {
        return ChatLogprobs.of(tokens.stream()
                .map(token -> new ChatLogprobs.TokenEntry(
                        token.text(),
                        finite(token.logprob()),
                        bytes(token),
                        token.top().stream()
                                .map(top -> new ChatLogprobs.Alternative(top.text(), finite(top.logprob()), bytes(top)))
                                .toList()))
                .toList());
    }

    /**
     * The legacy shape.
     *
     * @param offset in the choice's text, where these tokens begin; see {@link #characters}
     */
    static TextLogprobs text(List<TokenLogprob> tokens, int offset) {
        var texts = new ArrayList<String>(tokens.size());
        var logprobs = new ArrayList<@Nullable Double>(tokens.size());
        var tops = new ArrayList<@Nullable Map<String, Double>>(tokens.size());
        var offsets = new ArrayList<Integer>(tokens.size());
        int at = offset;
        for (var token : tokens) {
            texts.add(token.text());
            logprobs.add(token.logprob() == null ? null : (Double) finite(token.logprob()));
            tops.add(token.logprob() == null ? null : top(token));
            offsets.add(at);
            at += characters(token);
        }
        return new TextLogprobs(texts, logprobs, tops, offsets);
    }

    /** By text, the token itself among them: harnesses take it for greedy where it is the greatest. */
    private static Map<String, Double> top(TokenLogprob token) {
        var byText = new LinkedHashMap<String, Double>();
        // two tokens can show the same text (halves of characters do): the likelier one counts
        token.top().forEach(top -> byText.merge(top.text(), finite(top.logprob()), Math::max));
        byText.merge(token.text(), finite(token.logprob()), Math::max);
        return byText;
    }

    static int characters(List<TokenLogprob> tokens) {
        return tokens.stream().mapToInt(LogprobShapes::characters).sum();
    }

    /** The characters that begin in a token: its bytes that do not continue one in UTF-8. */
    private static int characters(TokenLogprob token) {
        if (token.bytes().isEmpty()) {
            return token.text().codePointCount(0, token.text().length());
        }
        return (int) token.bytes().stream().filter(b -> (b & 0xC0) != 0x80).count();
    }

    private static @Nullable List<Integer> bytes(TokenLogprob token) {
        if (token.bytes().isEmpty() && !token.text().isEmpty()) {
            // a server that does not tell bytes; those of whole characters follow from the text
            return token.text().indexOf('\uFFFD') >= 0 ? null : utf8(token.text());
        }
        return token.bytes();
    }

    private static List<Integer> utf8(String text) {
        var bytes = new ArrayList<Integer>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xFF);
        }
        return bytes;
    }

    private static double finite(@Nullable Double logprob) {
        return logprob == null || !Double.isFinite(logprob) ? IMPOSSIBLE : logprob;
    }
}
