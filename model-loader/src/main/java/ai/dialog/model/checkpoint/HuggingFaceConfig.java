package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Hugging Face's {@code config.json} as hyperparameters; what it says beyond them and would change the result is refused by
 * name. Defaults are those of transformers' {@code LlamaConfig} and {@code Qwen2Config}.
 */
final class HuggingFaceConfig {

    private final Path path;
    private final JsonNode json;
    private final Architecture architecture;

    private HuggingFaceConfig(Path path, JsonNode json) {
        this.path = path;
        this.json = json;
        this.architecture = architecture();
    }

    /**
     * Reads the hyperparameters.
     *
     * @param json config.json
     * @param path where it lies, for errors
     * @throws ModelException naming the field that is absent, wrong or not supported
     */
    static ModelConfig read(JsonNode json, Path path) {
        HuggingFaceConfig config = new HuggingFaceConfig(path, json);
        config.refuseUnsupported();
        return config.model();
    }

    private Architecture architecture() {
        JsonNode type = json.path("model_type");
        if (!type.isString()) {
            throw new ModelException(path + " has no model_type");
        }
        Architecture named = Architecture.parse(type.stringValue());
        JsonNode classes = json.path("architectures");
        if (classes.isArray() && !classes.isEmpty()) {
            String first = classes.path(0).isString() ? classes.path(0).stringValue() : "";
            if (!first.equals(named.huggingFaceClass())) {
                throw new ModelException("architecture " + Quoted.of(first)
                        + " is not supported; supported: LlamaForCausalLM, Qwen2ForCausalLM");
            }
        }
        return named;
    }

    private void refuseUnsupported() {
        if (json.hasNonNull("quantization_config")) {
            throw unsupported("quantization_config", "take the checkpoint in float16 or bfloat16, or as GGUF");
        }
        if (flag("mlp_bias", false)) {
            throw unsupported("mlp_bias", "only attention may have biases");
        }
        if (flag("use_sliding_window", false)) {
            throw unsupported("use_sliding_window", "attention is over the whole context");
        }
        if (!text(json, "hidden_act", "silu").equals("silu")) {
            throw unsupported("hidden_act " + Quoted.of(text(json, "hidden_act", "")), "only silu is");
        }
        if (number(json, "partial_rotary_factor", 1) != 1) {
            throw unsupported("partial_rotary_factor", "the whole head is rotated");
        }
    }

    private ModelConfig model() {
        int hidden = required("hidden_size", 1 << 18);
        int heads = required("num_attention_heads", 4_096);
        int context = integer("max_position_embeddings", architecture == Architecture.LLAMA ? 2_048 : 32_768, 1 << 27);
        int headSize = integer("head_dim", hidden / heads, 4_096);
        RotaryFrequencies rotary = rotary(headSize, context);
        try {
            return new ModelConfig(
                    architecture.wire(),
                    required("num_hidden_layers", 2_048),
                    hidden,
                    heads,
                    integer("num_key_value_heads", architecture == Architecture.LLAMA ? heads : 32, 4_096),
                    headSize,
                    required("intermediate_size", 1 << 21),
                    required("vocab_size", 1 << 22),
                    context,
                    number(json, "rms_norm_eps", 1e-6),
                    rotary.inverse(),
                    rotary.attentionFactor(),
                    flag("tie_word_embeddings", false));
        } catch (ModelException e) {
            throw new ModelException(path + ": " + e.getMessage(), e);
        }
    }

    /** transformers 4 has {@code rope_theta} and {@code rope_scaling}, transformers 5 {@code rope_parameters} for both. */
    private RotaryFrequencies rotary(int headSize, int context) {
        JsonNode parameters = json.path("rope_parameters");
        JsonNode scaling = parameters.isObject() ? parameters : json.path("rope_scaling");
        double base = number(parameters, "rope_theta", number(json, "rope_theta", 10_000));
        if (!(base > 1)) {
            throw new ModelException(path + ": rope_theta is " + base + "; it must be above 1");
        }
        if (number(scaling, "partial_rotary_factor", 1) != 1) {
            throw unsupported("partial_rotary_factor", "the whole head is rotated");
        }
        RotaryFrequencies plain = RotaryFrequencies.plain(base, headSize);
        String type = text(scaling, "rope_type", text(scaling, "type", "default"));
        return switch (type) {
            case "default" -> plain;
            case "linear" -> plain.linear(positive(scaling, "factor", Double.NaN));
            case "llama3" ->
                plain.llama3(
                        positive(scaling, "factor", Double.NaN),
                        positive(scaling, "low_freq_factor", Double.NaN),
                        positive(scaling, "high_freq_factor", Double.NaN),
                        positive(scaling, "original_max_position_embeddings", Double.NaN));
            case "yarn" -> plain.yarn(yarn(scaling, context), base);
            default ->
                throw new ModelException(path + ": rope scaling " + Quoted.of(type)
                        + " is not supported; supported: default, linear, llama3, yarn");
        };
    }

    private RotaryFrequencies.Yarn yarn(JsonNode scaling, int context) {
        double factor = positive(scaling, "factor", Double.NaN);
        double multiplier = number(scaling, "mscale", 0);
        double allMultiplier = number(scaling, "mscale_all_dim", 0);
        double attention = multiplier != 0 && allMultiplier != 0
                ? RotaryFrequencies.yarnAttention(factor, multiplier)
                        / RotaryFrequencies.yarnAttention(factor, allMultiplier)
                : RotaryFrequencies.yarnAttention(factor, 1);
        return new RotaryFrequencies.Yarn(
                factor,
                positive(scaling, "original_max_position_embeddings", context),
                positive(scaling, "beta_fast", 32),
                positive(scaling, "beta_slow", 1),
                !scaling.path("truncate").isBoolean()
                        || scaling.path("truncate").booleanValue(),
                positive(scaling, "attention_factor", attention));
    }

    private int required(String field, int most) {
        if (!json.hasNonNull(field)) {
            throw new ModelException(path + " has no " + field + ", which every model needs");
        }
        return integer(field, 0, most);
    }

    private int integer(String field, int absent, int most) {
        if (!json.hasNonNull(field)) {
            return absent;
        }
        JsonNode value = json.path(field);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > most) {
            throw new ModelException(path + ": " + field + " must be a whole number from 1 to " + most);
        }
        return value.intValue();
    }

    private double positive(JsonNode object, String field, double absent) {
        double value = number(object, field, absent);
        if (!(value > 0)) {
            throw new ModelException(path + ": " + field + " of the rope scaling must be a positive number");
        }
        return value;
    }

    private double number(JsonNode object, String field, double absent) {
        if (!object.hasNonNull(field)) {
            return absent;
        }
        JsonNode value = object.path(field);
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw new ModelException(path + ": " + field + " must be a finite number");
        }
        return value.asDouble();
    }

    private boolean flag(String field, boolean absent) {
        if (!json.hasNonNull(field)) {
            return absent;
        }
        if (!json.path(field).isBoolean()) {
            throw new ModelException(path + ": " + field + " must be true or false");
        }
        return json.path(field).booleanValue();
    }

    private String text(JsonNode object, String field, String absent) {
        if (!object.hasNonNull(field)) {
            return absent;
        }
        if (!object.path(field).isString()) {
            throw new ModelException(path + ": " + field + " must be a string");
        }
        return object.path(field).stringValue();
    }

    private ModelException unsupported(String what, String why) {
        return new ModelException(path + ": " + what + " is not supported; " + why);
    }
}
