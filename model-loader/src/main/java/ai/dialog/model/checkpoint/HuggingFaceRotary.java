package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;

/** The rotary embedding that a config.json describes. */
final class HuggingFaceRotary {

    private final ConfigFields scaling;
    private final int context;

    private HuggingFaceRotary(ConfigFields scaling, int context) {
        this.scaling = scaling;
        this.context = context;
    }

    /**
     * Reads it.
     *
     * @param scaling {@code rope_scaling} or {@code rope_parameters}
     * @param context of the model
     * @throws ModelException if a number is out of bounds, or the kind of scaling not supported
     */
    static RotaryFrequencies of(ConfigFields scaling, double base, int headSize, int context) {
        return new HuggingFaceRotary(scaling, context).frequencies(base, headSize);
    }

    private RotaryFrequencies frequencies(double base, int headSize) {
        if (!(base > 1)) {
            throw new ModelException(scaling.path() + ": rope_theta is " + base + "; it must be above 1");
        }
        if (scaling.number("partial_rotary_factor", 1) != 1) {
            throw scaling.unsupported("partial_rotary_factor", "the whole head is rotated");
        }
        RotaryFrequencies plain = RotaryFrequencies.plain(base, headSize);
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        return switch (type) {
            case "default" -> plain;
            case "linear" -> plain.linear(positive("factor", Double.NaN));
            case "llama3" ->
                plain.llama3(
                        positive("factor", Double.NaN),
                        positive("low_freq_factor", Double.NaN),
                        positive("high_freq_factor", Double.NaN),
                        positive("original_max_position_embeddings", Double.NaN));
            case "yarn" -> plain.yarn(yarn(), base);
            default ->
                throw new ModelException(scaling.path() + ": rope scaling " + Quoted.of(type)
                        + " is not supported; supported: default, linear, llama3, yarn");
        };
    }

    private RotaryFrequencies.Yarn yarn() {
        double factor = positive("factor", Double.NaN);
        double multiplier = scaling.number("mscale", 0);
        double allMultiplier = scaling.number("mscale_all_dim", 0);
        double attention = multiplier != 0 && allMultiplier != 0
                ? RotaryFrequencies.yarnAttention(factor, multiplier)
                        / RotaryFrequencies.yarnAttention(factor, allMultiplier)
                : RotaryFrequencies.yarnAttention(factor, 1);
        return new RotaryFrequencies.Yarn(
                factor,
                positive("original_max_position_embeddings", context),
                positive("beta_fast", 32),
                positive("beta_slow", 1),
                !scaling.json().path("truncate").isBoolean()
                        || scaling.json().path("truncate").booleanValue(),
                positive("attention_factor", attention));
    }

    private double positive(String field, double absent) {
        double value = scaling.number(field, absent);
        if (!(value > 0)) {
            throw new ModelException(scaling.path() + ": " + field + " of the rope scaling must be a positive number");
        }
        return value;
    }
}
