package ai.dialog.model.checkpoint;

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
    public ModelConfig {
        inverseFrequencies = List.copyOf(inverseFrequencies);
    }
}
