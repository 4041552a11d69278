package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * In what a decoder differs from a plain llama, beyond the weights that it has.
 *
 * @param activation of the gate
 * @param embeddingScale multiplies what the embedding gives
 * @param queryScale multiplies the products of queries and keys
 * @param local the layers that see only a window; null where every layer sees all
 */
public record ModelTraits(
        Activation activation,
        double embeddingScale,
        double queryScale,
        @Nullable LocalAttention local) {

    /** The non-linear function of the feed-forward part. */
    public enum Activation {
        SILU,
        /** GELU in its approximation by tanh. */
        GELU_TANH
    }

    /**
     * Layers that see only the last positions.
     *
     * @param window how many positions one sees, its own among them
     * @param layers for each layer of the model, whether it is one of these
     * @param inverseFrequencies these layers' rotary inverse frequencies
     */
    public record LocalAttention(int window, List<Boolean> layers, List<Double> inverseFrequencies) {
        public LocalAttention {
            layers = List.copyOf(layers);
            inverseFrequencies = List.copyOf(inverseFrequencies);
            ModelConfig.within("the attention window", window, 1, ModelConfig.LONGEST_CONTEXT);
        }
    }

    /**
     * Checks both factors.
     *
     * @throws ModelException naming the one that is no positive number
     */
    public ModelTraits {
        positive("the embedding's factor", embeddingScale);
        positive("the factor of the attention scores", queryScale);
    }

    /** Those of llama: SiLU, scores divided by the square root of the head's size, the whole context seen. */
    public static ModelTraits plain(int headSize) {
        return new ModelTraits(Activation.SILU, 1, Math.pow(headSize, -0.5), null);
    }

    /** The same with all layers seeing a window only. */
    ModelTraits withWindow(int window, int layers, List<Double> inverseFrequencies) {
        List<Boolean> all = Collections.nCopies(layers, true);
        return new ModelTraits(
                activation, embeddingScale, queryScale, new LocalAttention(window, all, inverseFrequencies));
    }

    private static void positive(String what, double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new ModelException(what + " is " + value + "; it must be positive");
        }
    }
}
