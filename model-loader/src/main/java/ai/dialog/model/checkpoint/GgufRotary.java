package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import org.jspecify.annotations.Nullable;

/** The rotary embedding that a GGUF file describes. */
final class GgufRotary {

    private static final int MOST = Integer.MAX_VALUE;

    private final GgufMetadata metadata;
    private final String architecture;

    private GgufRotary(GgufMetadata metadata, String architecture) {
        this.metadata = metadata;
        this.architecture = architecture;
    }

    /**
     * Reads it.
     *
     * @param architecture the prefix of the keys
     * @param factors {@code rope_freqs.weight}, divisors of the frequencies; null for none
     * @throws ModelException if a number is out of bounds, or the kind of scaling not supported
     */
    static RotaryFrequencies of(
            GgufMetadata metadata, String architecture, int headSize, @Nullable StoredTensor factors) {
        return new GgufRotary(metadata, architecture).frequencies(headSize, factors);
    }

    /**
     * The base of the frequencies.
     *
     * @throws ModelException if it is not above 1
     */
    static double base(GgufMetadata metadata, String key, double absent) {
        double base = metadata.number(key, absent);
        if (!(base > 1)) {
            throw new ModelException(metadata.file() + ": " + key + " is " + base + "; it must be above 1");
        }
        return base;
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private RotaryFrequencies frequencies(int headSize, @Nullable StoredTensor factors) {
        double base = base(metadata, key("rope.freq_base"), 10_000);
        RotaryFrequencies plain = RotaryFrequencies.plain(base, headSize);
        if (factors != null) {
            if (factors.elements() != headSize / 2) {
                throw new ModelException(metadata.file() + ": " + factors.name() + " has " + factors.elements()
                        + " values where " + headSize / 2 + " are needed");
            }
            float[] values = new float[headSize / 2];
            factors.read(values);
            plain = plain.dividedBy(values);
        }
        return scaled(plain, base);
    }

    private RotaryFrequencies scaled(RotaryFrequencies plain, double base) {
        String scale = metadata.has(key("rope.scaling.factor")) ? "rope.scaling.factor" : "rope.scale_linear";
        double factor = metadata.number(key(scale), 0);
        if (factor < 0) {
            throw new ModelException(metadata.file() + ": " + key(scale) + " is " + factor + "; it must be positive");
        }
        String type = metadata.string(key("rope.scaling.type"));
        return switch (type == null ? "linear" : type) { // llama.cpp's default
            case "none" -> plain;
            case "linear" -> factor == 0 ? plain : plain.linear(factor);
            case "yarn" -> plain.yarn(yarn(factor == 0 ? 1 : factor), base);
            default ->
                throw new ModelException(metadata.file() + ": rope scaling " + Quoted.of(String.valueOf(type))
                        + " is not supported; supported: none, linear, yarn");
        };
    }

    /** As llama.cpp reads it; {@code yarn_attn_factor} is what its converter makes of transformers' attention_factor. */
    private RotaryFrequencies.Yarn yarn(double factor) {
        double mixed = metadata.number(key("rope.scaling.yarn_ext_factor"), 1);
        if (mixed != 1) {
            throw new ModelException(
                    metadata.file() + ": a yarn extrapolation factor of " + mixed + " is not supported, only 1");
        }
        double original = metadata.number(
                key("rope.scaling.original_context_length"), metadata.requiredInteger(key("context_length"), 1, MOST));
        double attention =
                RotaryFrequencies.yarnAttention(factor, 1) * metadata.number(key("rope.scaling.attn_factor"), 1);
        return new RotaryFrequencies.Yarn(
                factor,
                original,
                metadata.number(key("rope.scaling.yarn_beta_fast"), 32),
                metadata.number(key("rope.scaling.yarn_beta_slow"), 1),
                true,
                metadata.number(key("rope.scaling.yarn_attn_factor"), attention));
    }
}
