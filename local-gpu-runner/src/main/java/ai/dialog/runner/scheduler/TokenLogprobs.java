package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the log probabilities that callers see. */
final class TokenLogprobs {

    private final Tokenizer tokenizer;

    TokenLogprobs(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** A token with what the model thought of it and of the {@code top} likeliest in its place. */
    TokenLogprob scored(int id, LogSoftmax row, int top) {
        var alternatives = new ArrayList<TokenLogprob>(top);
        for (int other : row.top(top)) {
            alternatives.add(entry(other, row.logprob(other), List.of()));
        }
        return entry(id, row.logprob(id), alternatives);
    }

    /** The first token of a prompt, which nothing scores. */
    TokenLogprob unscored(int id) {
        return entry(id, null, List.of());
    }

    private TokenLogprob entry(int id, @Nullable Double logprob, List<TokenLogprob> top) {
        byte[] bytes = tokenizer.bytes(id);
        var unsigned = new ArrayList<Integer>(bytes.length);
        for (byte b : bytes) {
            unsigned.add(Byte.toUnsignedInt(b));
        }
        return new TokenLogprob(id, new String(bytes, StandardCharsets.UTF_8), unsigned, logprob, top);
    }
}
