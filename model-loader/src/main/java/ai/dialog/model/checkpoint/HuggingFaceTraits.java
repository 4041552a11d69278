package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.ModelTraits.Activation;
import ai.dialog.model.checkpoint.ModelTraits.LocalAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a config.json says of its architecture beyond a plain llama. Defaults are those of transformers' classes. */
final class HuggingFaceTraits {

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    /** Where a Gemma names no kinds of layers, every sixth sees the whole context. */
    private static final int GEMMA_PATTERN = 6;

    private static final int MOST_IN_PATTERN = 1 << 16;

    private static final double GEMMA_LOCAL_BASE = 10_000;
    private static final int WINDOW = 4_096;

    private final ConfigFields fields;
    private final int layers;

    private HuggingFaceTraits(ConfigFields fields, int layers) {
        this.fields = fields;
        this.layers = layers;
    }

    /**
     * Reads them.
     *
     * @param global the rotary frequencies of layers that see the whole context
     */
    static ModelTraits of(
            ConfigFields fields, Architecture architecture, int layers, int headSize, RotaryFrequencies global) {
        HuggingFaceTraits traits = new HuggingFaceTraits(fields, layers);
        ModelTraits plain = ModelTraits.plain(headSize);
        return switch (architecture) {
            case LLAMA -> plain;
            case MISTRAL -> {
                int window = traits.window();
                yield window == 0 ? plain : plain.withWindow(window, layers, global.inverse());
            }
            case QWEN2, QWEN3 -> {
                traits.refuseWindow();
                yield plain;
            }
            case GEMMA3 -> traits.gemma(headSize);
        };
    }

    private ModelTraits gemma(int headSize) {
        double scalar = fields.number("query_pre_attn_scalar", 256);
        if (!(scalar > 0)) {
            throw new ModelException(fields.path() + ": query_pre_attn_scalar is " + scalar + "; it must be positive");
        }
        return new ModelTraits(
                Activation.GELU_TANH,
                Math.sqrt(fields.required("hidden_size", Integer.MAX_VALUE)),
                Math.pow(scalar, -0.5),
                local(headSize));
    }

    private @Nullable LocalAttention local(int headSize) {
        List<Boolean> local = localLayers();
        if (!local.contains(true)) {
            return null;
        }
        int window = window();
        if (window == 0) {
            throw new ModelException(
                    fields.path() + ": sliding_window is null though layers of the kind " + SLIDING + " need one");
        }
        ConfigFields own = fields.object("rope_parameters").object(SLIDING);
        double base = own.number("rope_theta", fields.number("rope_local_base_freq", GEMMA_LOCAL_BASE));
        RotaryFrequencies rotary = HuggingFaceRotary.of(own, base, headSize, ModelConfig.LONGEST_CONTEXT);
        if (rotary.attentionFactor() != 1) {
            throw fields.unsupported("an attention factor of " + SLIDING, "only its frequencies may be scaled");
        }
        return new LocalAttention(window, local, rotary.inverse());
    }

    /** Positions, 0 for none: null means none, and an absent field transformers' own. */
    private int window() {
        return fields.json().path("sliding_window").isNull()
                ? 0
                : fields.integer("sliding_window", WINDOW, ModelConfig.LONGEST_CONTEXT);
    }

    private List<Boolean> localLayers() {
        if (!fields.has("layer_types")) {
            int pattern = fields.integer(
                    "sliding_window_pattern",
                    fields.integer("_sliding_window_pattern", GEMMA_PATTERN, MOST_IN_PATTERN),
                    MOST_IN_PATTERN);
            return IntStream.range(0, layers)
                    .mapToObj(layer -> (layer + 1) % pattern != 0)
                    .toList();
        }
        List<Boolean> local = new ArrayList<>();
        for (JsonNode kind : fields.json().path("layer_types")) {
            String name = kind.asString("");
            if (!name.equals(FULL) && !name.equals(SLIDING)) {
                throw fields.unsupported("a layer of the kind " + Quoted.of(name), "only " + FULL + " and " + SLIDING);
            }
            local.add(name.equals(SLIDING));
        }
        if (local.size() != layers) {
            throw new ModelException(
                    fields.path() + ": layer_types names " + local.size() + " layers, and there are " + layers);
        }
        return local;
    }

    private void refuseWindow() {
        if (fields.has("layer_types") && localLayers().contains(true)) {
            throw fields.unsupported(SLIDING, "attention of this architecture is over the whole context");
        }
    }
}
