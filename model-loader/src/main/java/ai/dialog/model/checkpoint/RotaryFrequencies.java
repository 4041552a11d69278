package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * The inverse frequencies of the rotary embedding, one for each pair of a head, with context extension applied. The
 * formulas are those of Hugging Face transformers ({@code modeling_rope_utils.py}), in double precision.
 *
 * @param inverse radians for one position
 * @param attentionFactor multiplies cos and sin
 */
record RotaryFrequencies(List<Double> inverse, double attentionFactor) {

    RotaryFrequencies {
        inverse = List.copyOf(inverse);
    }

    /**
     * Without extension: {@code base^(-2i / headSize)} (Su et al., RoFormer, arXiv:2104.09864).
     *
     * @param headSize even
     */
    static RotaryFrequencies plain(double base, int headSize) {
        return of(headSize / 2, i -> Math.pow(base, -2.0 * i / headSize), 1);
    }

    /** All positions compressed by a factor (linear scaling). */
    RotaryFrequencies linear(double factor) {
        return map(i -> inverse.get(i) / factor, attentionFactor);
    }

    /** Each frequency divided by its own factor: what GGUF's {@code rope_freqs.weight} holds for Llama 3.1. */
    RotaryFrequencies dividedBy(float[] factors) {
        if (factors.length != inverse.size()) {
            throw new ModelException(
                    "rope_freqs.weight has " + factors.length + " values; the heads need " + inverse.size());
        }
        return map(i -> inverse.get(i) / factors[i], attentionFactor);
    }

    /**
     * Llama 3.1's scaling: long waves are stretched, short ones kept, those between are mixed.
     *
     * @param originalContext tokens of the model before extension
     */
    RotaryFrequencies llama3(double factor, double lowFactor, double highFactor, double originalContext) {
        return map(
                i -> {
                    double frequency = inverse.get(i);
                    double wave = 2 * Math.PI / frequency;
                    if (wave < originalContext / highFactor) {
                        return frequency;
                    }
                    if (wave > originalContext / lowFactor) {
                        return frequency / factor;
                    }
                    double kept = (originalContext / wave - lowFactor) / (highFactor - lowFactor);
                    return (1 - kept) * frequency / factor + kept * frequency;
                },
                attentionFactor);
    }

    /** YaRN (Peng et al., arXiv:2309.00071): frequencies between two numbers of turns go from kept to compressed. */
    RotaryFrequencies yarn(Yarn yarn, double base) {
        int headSize = inverse.size() * 2;
        double low = yarn.turnsToDimension(yarn.betaFast, headSize, base);
        double high = yarn.turnsToDimension(yarn.betaSlow, headSize, base);
        double first = Math.max(yarn.truncate ? Math.floor(low) : low, 0);
        double last = Math.min(yarn.truncate ? Math.ceil(high) : high, headSize - 1);
        double width = last == first ? 0.001 : last - first; // as transformers avoids dividing by zero
        return map(
                i -> {
                    double compressed = Math.clamp((i - first) / width, 0, 1);
                    return inverse.get(i) / yarn.factor * compressed + inverse.get(i) * (1 - compressed);
                },
                yarn.attentionFactor);
    }

    /** YaRN's attention factor where the checkpoint gives none: {@code 0.1 m ln(factor) + 1}. */
    static double yarnAttention(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;
    }

    private RotaryFrequencies map(IntToDoubleFunction frequency, double attention) {
        return of(inverse.size(), frequency, attention);
    }

    private static RotaryFrequencies of(int size, IntToDoubleFunction frequency, double attention) {
        List<Double> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(frequency.applyAsDouble(i));
        }
        return new RotaryFrequencies(values, attention);
    }

    /**
     * YaRN's parameters.
     *
     * @param factor by how much the context was extended
     * @param originalContext tokens before
     * @param betaFast turns over the original context above which a frequency is kept
     * @param betaSlow turns below which it is compressed
     * @param truncate whether the bounds are rounded outwards to whole pairs
     * @param attentionFactor multiplies cos and sin
     */
    record Yarn(
            double factor,
            double originalContext,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double attentionFactor) {

        private double turnsToDimension(double turns, int headSize, double base) {
            return headSize * Math.log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }
    }
}
