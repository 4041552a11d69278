package ai.dialog.model;

import java.util.Locale;

/** What a model computes in. */
public enum Precision {
    /** Exact. */
    FLOAT32,
    /** Half the memory, 8 bits of mantissa. */
    BFLOAT16,
    /**
     * A quarter of the memory: weights of 8 bits with a scale for each row, activations of 8 bits with one for each token. Where all
     * matrices of the layers are Q4_0 or Q4_1 in a GGUF file, of a llama without biases or windows, a decode step of one row takes those numbers
     * as they are, with activations in bfloat16; that is faster and nearer to float32, and costs about 60 % of the layers' int8 more.
     */
    INT8;

    /** The name that the command line and the cache folder use. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads {@link #wire}'s name.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static Precision parse(String name) {
        for (Precision precision : values()) {
            if (precision.wire().equals(name.toLowerCase(Locale.ROOT))) {
                return precision;
            }
        }
        throw new IllegalArgumentException("unknown precision '" + name + "': use float32, bfloat16 or int8");
    }
}
