package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.List;

/**
 * A decoder's hyperparameters, each checked to be within sane bounds.
 *
 * @param architecture {@code llama}, {@code mistral}, {@code qwen2}, {@code qwen3} or {@code gemma3}
 * @param layers number of blocks
 * @param hidden size of the residual stream
 * @param heads query heads
 * @param kvHeads key/value heads; divides {@code heads}
 * @param headSize size of one head, even
 * @param feedForward size of the gate's output
 * @param vocabularySize rows of the embedding
 * @param contextLength tokens it was made for
 * @param normEpsilon of the RMS norms
 * @param inverseFrequencies rotary inverse frequencies, headSize / 2 of them, rope scaling (linear, llama3, yarn) applied
 * @param attentionFactor multiplies cos and sin (yarn), 1 otherwise
 * @param tiedHead whether the output head is the embedding
 * @param traits in what it differs from a plain llama
 */
public record ModelConfig(
        String architecture,
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headSize,
        int feedForward,
        int vocabularySize,
        int contextLength,
        double normEpsilon,
        List<Double> inverseFrequencies,
        double attentionFactor,
        boolean tiedHead,
        ModelTraits traits) {

    /** Tokens; about ten times the longest of today. */
    static final int LONGEST_CONTEXT = 1 << 27;

    /**
     * Checks every value.
     *
     * @throws ModelException naming the one that is out of bounds
     */
    public ModelConfig {
        inverseFrequencies = List.copyOf(inverseFrequencies);
        // The bounds lie about ten times above the largest models of today, so that products of two fit an int's range
        // of rows and a damaged file is caught before anything is allocated.
        within("the number of layers", layers, 1, 2_048);
        within("the hidden size", hidden, 1, 1 << 18);
        within("the number of heads", heads, 1, 4_096);
        within("the number of key/value heads", kvHeads, 1, heads);
        within("the head size", headSize, 2, 4_096);
        within("the feed-forward size", feedForward, 1, 1 << 21);
        within("the vocabulary size", vocabularySize, 1, 1 << 22);
        within("the context length", contextLength, 1, LONGEST_CONTEXT);
        if (heads % kvHeads != 0) {
            throw new ModelException("the " + heads + " heads cannot share " + kvHeads + " key/value heads evenly");
        }
        if (headSize % 2 != 0) {
            throw new ModelException("the head size is " + headSize + "; rotary embedding needs an even one");
        }
        if (!(normEpsilon >= 0 && normEpsilon < 1)) {
            throw new ModelException("the norms' epsilon is " + normEpsilon + "; it must be small and not negative");
        }
        checkFrequencies(inverseFrequencies, headSize);
        if (!(attentionFactor > 0 && Double.isFinite(attentionFactor))) {
            throw new ModelException("the attention factor is " + attentionFactor + "; it must be positive");
        }
        ModelTraits.LocalAttention local = traits.local();
        if (local != null) {
            checkFrequencies(local.inverseFrequencies(), headSize);
            if (local.layers().size() != layers) {
                throw new ModelException("the kinds of " + local.layers().size() + " layers are given for " + layers);
            }
            if (attentionFactor != 1 && !local.inverseFrequencies().equals(inverseFrequencies)) {
                throw new ModelException(
                        "an attention factor beside layers with frequencies of their own is not" + " supported");
            }
        }
    }

    private static void checkFrequencies(List<Double> frequencies, int headSize) {
        if (frequencies.size() != headSize / 2 || frequencies.stream().anyMatch(f -> !(f > 0 && Double.isFinite(f)))) {
            throw new ModelException("the rotary frequencies must be " + headSize / 2 + " positive numbers");
        }
    }

    static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ModelException(what + " is " + value + "; it must lie between " + least + " and " + most);
        }
    }
}
