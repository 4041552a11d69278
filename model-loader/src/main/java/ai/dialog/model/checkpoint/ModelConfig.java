package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.List;

/**
 * A decoder's hyperparameters, each checked to be within sane bounds.
 *
 * @param architecture {@code llama} or {@code qwen2}
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
        boolean tiedHead) {

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
        within("the context length", contextLength, 1, 1 << 27);
        if (heads % kvHeads != 0) {
            throw new ModelException("the " + heads + " heads cannot share " + kvHeads + " key/value heads evenly");
        }
        if (headSize % 2 != 0) {
            throw new ModelException("the head size is " + headSize + "; rotary embedding needs an even one");
        }
        if (!(normEpsilon >= 0 && normEpsilon < 1)) {
            throw new ModelException("the norms' epsilon is " + normEpsilon + "; it must be small and not negative");
        }
        if (inverseFrequencies.size() != headSize / 2
                || inverseFrequencies.stream().anyMatch(f -> !(f > 0 && Double.isFinite(f)))) {
            throw new ModelException("the rotary frequencies must be " + headSize / 2 + " positive numbers");
        }
        if (!(attentionFactor > 0 && Double.isFinite(attentionFactor))) {
            throw new ModelException("the attention factor is " + attentionFactor + "; it must be positive");
        }
    }

    private static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ModelException(what + " is " + value + "; it must lie between " + least + " and " + most);
        }
    }
}
