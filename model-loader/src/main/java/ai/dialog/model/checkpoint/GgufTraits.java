package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.ModelTraits.Activation;
import ai.dialog.model.checkpoint.ModelTraits.LocalAttention;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a GGUF file says of its architecture beyond a plain llama. What it leaves open is what llama.cpp assumes
 * ({@code src/models/gemma3.cpp}).
 */
final class GgufTraits {

    private static final String WINDOW = "attention.sliding_window";
    private static final String PATTERN = "attention.sliding_window_pattern";

    /** Where a Gemma file does not say it, every sixth layer sees the whole context. */
    private static final int GEMMA_PATTERN = 6;

    private static final double GEMMA_LOCAL_BASE = 10_000;

    /** The layers of Gemma 3 27B, the one whose scores are scaled by another size than the head's. */
    private static final int LAYERS_OF_27B = 62;

    private final GgufMetadata metadata;
    private final Architecture architecture;
    private final int layers;

    private GgufTraits(GgufMetadata metadata, Architecture architecture, int layers) {
        this.metadata = metadata;
        this.architecture = architecture;
        this.layers = layers;
    }

    /**
     * Reads them.
     *
     * @param global the rotary frequencies of layers that see the whole context
     * @throws ModelException if a number is out of bounds, or what it asks for not supported
     */
    static ModelTraits of(
            GgufMetadata metadata,
            Architecture architecture,
            int layers,
            int hidden,
            int heads,
            int headSize,
            RotaryFrequencies global) {
        GgufTraits traits = new GgufTraits(metadata, architecture, layers);
        traits.refuseCapping();
        ModelTraits plain = ModelTraits.plain(headSize);
        return switch (architecture) {
            case LLAMA, MISTRAL -> {
                int window = traits.window();
                yield window == 0 ? plain : plain.withWindow(window, layers, global.inverse());
            }
            case QWEN2, QWEN3 -> plain;
            case GEMMA3 ->
                new ModelTraits(
                        Activation.GELU_TANH,
                        Math.sqrt(hidden),
                        Math.pow(layers == LAYERS_OF_27B ? hidden / heads : headSize, -0.5),
                        traits.local(headSize));
        };
    }

    private void refuseCapping() {
        for (String capping : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            if (metadata.number(key(capping), 0) != 0) {
                throw new ModelException(metadata.file() + ": " + key(capping) + " is not supported");
            }
        }
    }

    private String key(String name) {
        return architecture.wire() + "." + name;
    }

    /** Positions, 0 for none. */
    private int window() {
        Integer window = metadata.integer(key(WINDOW), 0, ModelConfig.LONGEST_CONTEXT);
        return window == null ? 0 : window;
    }

    private @Nullable LocalAttention local(int headSize) {
        int window = window();
        List<Boolean> local = window == 0 ? List.of() : localLayers();
        if (!local.contains(true)) {
            return null;
        }
        double base = GgufRotary.base(metadata, key("rope.freq_base_swa"), GEMMA_LOCAL_BASE);
        return new LocalAttention(
                window, local, RotaryFrequencies.plain(base, headSize).inverse());
    }

    /** From a whole number, every how many layers there is one that sees all, or from a truth value for each layer. */
    private List<Boolean> localLayers() {
        if (metadata.isList(key(PATTERN))) {
            List<Boolean> local = metadata.bools(key(PATTERN));
            if (local.size() != layers) {
                throw new ModelException(metadata.file() + ": " + key(PATTERN) + " has " + local.size() + " values for "
                        + layers + " layers");
            }
            return local;
        }
        Integer given = metadata.integer(key(PATTERN), 0, Integer.MAX_VALUE);
        int pattern = given == null ? GEMMA_PATTERN : given;
        // llama.cpp's set_swa_pattern: 0 is all of them, 1 is none
        return IntStream.range(0, layers)
                .mapToObj(layer -> pattern == 0 || layer % pattern < pattern - 1)
                .toList();
    }
}
