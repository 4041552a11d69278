package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Hugging Face's {@code config.json} as hyperparameters; what it says beyond them and would change the result is refused by
 * name. Defaults are those of transformers' classes, such as {@code LlamaConfig} and {@code Gemma3TextConfig}.
 */
final class HuggingFaceConfig {

    private final ConfigFields fields;
    private final Architecture architecture;

    private HuggingFaceConfig(ConfigFields fields) {
        this.fields = fields;
        this.architecture = architecture(fields);
    }

    /**
     * Reads the hyperparameters.
     *
     * @param json config.json
     * @param path where it lies, for errors
     * @throws ModelException naming the field that is absent, wrong or not supported
     */
    static ModelConfig read(JsonNode json, Path path) {
        HuggingFaceConfig config = new HuggingFaceConfig(new ConfigFields(path, json));
        config.refuseUnsupported();
        return config.model();
    }

    /**
     * The architecture that a config.json names.
     *
     * @throws ModelException if it names none, or one that is not supported
     */
    static Architecture architecture(ConfigFields fields) {
        JsonNode type = fields.json().path("model_type");
        if (!type.isString()) {
            throw new ModelException(fields.path() + " has no model_type");
        }
        Architecture named = Architecture.ofHuggingFace(type.stringValue());
        JsonNode classes = fields.json().path("architectures");
        if (classes.isArray() && !classes.isEmpty()) {
            String first = classes.path(0).isString() ? classes.path(0).stringValue() : "";
            if (!first.equals(named.huggingFaceClass())) {
                throw new ModelException("architecture " + Quoted.of(first) + " is not that of model_type "
                        + type.stringValue() + "; it must be " + named.huggingFaceClass());
            }
        }
        return named;
    }

    private void refuseUnsupported() {
        if (fields.has("quantization_config")) {
            throw fields.unsupported("quantization_config", "take the checkpoint in float16 or bfloat16, or as GGUF");
        }
        if (fields.flag("mlp_bias", false)) {
            throw fields.unsupported("mlp_bias", "only attention may have biases");
        }
        if (fields.flag("use_sliding_window", false)) {
            throw fields.unsupported("use_sliding_window", "attention is over the whole context");
        }
        boolean gemma = architecture == Architecture.GEMMA3;
        String field = gemma ? "hidden_activation" : "hidden_act";
        String only = gemma ? "gelu_pytorch_tanh" : "silu";
        if (!fields.text(field, only).equals(only)) {
            throw fields.unsupported(field + " " + Quoted.of(fields.text(field, "")), "only " + only + " is");
        }
        for (String softcapping : new String[] {"attn_logit_softcapping", "final_logit_softcapping"}) {
            if (fields.has(softcapping)) {
                throw fields.unsupported(softcapping, "scores are not capped");
            }
        }
        if (fields.flag("use_bidirectional_attention", false)) {
            throw fields.unsupported("use_bidirectional_attention", "a token sees only those before it");
        }
        if (fields.number("partial_rotary_factor", 1) != 1) {
            throw fields.unsupported("partial_rotary_factor", "the whole head is rotated");
        }
    }

    private ModelConfig model() {
        int hidden = fields.required("hidden_size", 1 << 18);
        int heads = fields.required("num_attention_heads", 4_096);
        int layers = fields.required("num_hidden_layers", 2_048);
        int context = fields.integer("max_position_embeddings", usualContext(), ModelConfig.LONGEST_CONTEXT);
        int headSize = fields.integer("head_dim", usualHeadSize(hidden / heads), 4_096);
        if (headSize == 0) {
            throw new ModelException(fields.path() + ": " + heads + " heads cannot share a hidden size of " + hidden);
        }
        RotaryFrequencies rotary = rotary(headSize, context);
        ModelTraits traits = HuggingFaceTraits.of(fields, architecture, layers, headSize, rotary);
        try {
            return new ModelConfig(
                    architecture.wire(),
                    layers,
                    hidden,
                    heads,
                    fields.integer("num_key_value_heads", usualKeyValueHeads(heads), 4_096),
                    headSize,
                    fields.required("intermediate_size", 1 << 21),
                    fields.required("vocab_size", 1 << 22),
                    context,
                    fields.number("rms_norm_eps", 1e-6),
                    rotary.inverse(),
                    rotary.attentionFactor(),
                    fields.flag("tie_word_embeddings", architecture == Architecture.GEMMA3),
                    traits);
        } catch (ModelException e) {
            throw new ModelException(fields.path() + ": " + e.getMessage(), e);
        }
    }

    private int usualContext() {
        return switch (architecture) {
            case LLAMA -> 2_048;
            case QWEN2, QWEN3 -> 32_768;
            case MISTRAL, GEMMA3 -> 131_072;
        };
    }

    private int usualHeadSize(int hiddenOfHead) {
        return switch (architecture) {
            case LLAMA, MISTRAL, QWEN2 -> hiddenOfHead;
            case QWEN3 -> 128;
            case GEMMA3 -> 256;
        };
    }

    private int usualKeyValueHeads(int heads) {
        return switch (architecture) {
            case LLAMA -> heads;
            case MISTRAL -> 8;
            case QWEN2, QWEN3 -> 32;
            case GEMMA3 -> 4;
        };
    }

    /**
     * Of layers that see the whole context. transformers 4 has {@code rope_theta} and {@code rope_scaling}, transformers 5
     * {@code rope_parameters} for both, for Gemma one of each kind of layer.
     */
    private RotaryFrequencies rotary(int headSize, int context) {
        ConfigFields parameters = fields.object("rope_parameters");
        if (architecture == Architecture.GEMMA3 && parameters.has("full_attention")) {
            parameters = parameters.object("full_attention");
        }
        ConfigFields scaling = parameters.json().isObject() ? parameters : fields.object("rope_scaling");
        double usual = architecture == Architecture.GEMMA3 ? 1_000_000 : 10_000;
        double base = parameters.number("rope_theta", fields.number("rope_theta", usual));
        return HuggingFaceRotary.of(scaling, base, headSize, context);
    }
}
