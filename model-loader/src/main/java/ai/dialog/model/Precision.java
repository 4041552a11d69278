package ai.dialog.model;

import java.util.Locale;

/** What a model computes in. */
public enum Precision {
    /** Exact. */
    FLOAT32,
    /** Half the memory, 8 bits of mantissa. */
    BFLOAT16,
    /** A quarter of the memory: weights of 8 bits with a scale for each row, activations of 8 bits with one for each token. */
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
