package ai.dialog.functions.inference;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the next token is chosen from the scores.
 *
 * @param temperature 0 for the best token always; scores are divided by it otherwise
 * @param topP nucleus sampling: the smallest set of tokens whose probability reaches this, 1 for all
 * @param topK only this many best tokens, 0 for all
 * @param minP only tokens at least this likely relative to the best, 0 for all
 * @param presencePenalty subtracted from the score of each token already generated (OpenAI's definition)
 * @param frequencyPenalty subtracted once for each time a token was generated (OpenAI's definition)
 * @param repetitionPenalty scores of tokens in the prompt or the text are divided by it where positive, multiplied where
 *     negative, 1 for none (CTRL, Keskar et al. 2019)
 * @param seed makes the choice repeatable; null for a random one
 * @param logitBias added to the scores, by token id
 */
public record Sampling(
        double temperature,
        double topP,
        int topK,
        double minP,
        double presencePenalty,
        double frequencyPenalty,
        double repetitionPenalty,
        @Nullable Long seed,
        Map<Integer, Double> logitBias) {

    /** Always the best token. */
    public static final Sampling GREEDY = new Sampling(0, 1, 0, 0, 0, 0, 1, null, Map.of());

    public Sampling {
        logitBias = Map.copyOf(logitBias);
    }
}
