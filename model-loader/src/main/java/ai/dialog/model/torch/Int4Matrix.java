package ai.dialog.model.torch;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.FourBits;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.TensorNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A matrix of numbers of 4 bits as the checkpoint keeps them, made of weights one below the other, as {@code decoder.py} takes
 * it: value = (number - 8) * scale + zero, with a scale and a zero for each group of 32 of a row. The numbers are the
 * checkpoint's; scale and zero are rounded to bfloat16.
 */
final class Int4Matrix {
    /** Of the numbers, which the product takes as their difference from it. */
    private static final int MIDDLE = 8;

    /** The product's rows come in multiples of it. */
    private static final int INT4_ROWS = 16;

    private static final List<String> LAYER = List.of(
            TensorNames.QUERY,
            TensorNames.KEY,
            TensorNames.VALUE,
            TensorNames.ATTENTION_OUTPUT,
            TensorNames.GATE,
            TensorNames.UP,
            TensorNames.DOWN);

    private final List<ArchiveTensor.Weight> parts;
    private final int groups;
    private final List<float[]> scales = new ArrayList<>();
    private final List<float[]> zeros = new ArrayList<>();

    /**
     * Plans it.
     *
     * @param columns of each part
     */
    Int4Matrix(List<ArchiveTensor.Weight> parts, int columns) {
        this.parts = List.copyOf(parts);
        this.groups = columns / FourBits.GROUP;
    }

    /** Whether a model's layers can be computed so: the step for it knows neither biases nor norms of heads nor windows. */
    static boolean isPossible(Checkpoint checkpoint) {
        ModelConfig config = checkpoint.config();
        Set<String> names = checkpoint.tensorNames();
        if (config.traits().local() != null
                || Stream.of(TensorNames.QUERY_BIAS, TensorNames.ATTENTION_OUTPUT_BIAS, TensorNames.QUERY_NORM)
                        .anyMatch(name -> names.contains(name.formatted(0)))) {
            return false;
        }
        return IntStream.range(0, config.layers())
                .boxed()
                .flatMap(layer -> LAYER.stream().map(name -> name.formatted(layer)))
                .allMatch(name -> names.contains(name)
                        && checkpoint.hasFourBits(name)
                        && checkpoint.shape(name)[0] % INT4_ROWS == 0);
    }

    /** Every weight that is in it. */
    List<ArchiveTensor.Weight> weights() {
        return parts;
    }

    /** Writes the numbers, two in each byte, the first of them in its low half, one part at a time on the heap; keeps the rest. */
    void write(Checkpoint checkpoint, Int8Matrix.Taker target) throws IOException {
        scales.clear();
        zeros.clear();
        for (ArchiveTensor.Weight part : parts) {
            FourBits stored = checkpoint.readFourBits(part.name());
            int rows = stored.scales().length / groups;
            float[] zero = zeros(stored);
            float[] scale = stored.scales();
            part.order(scale, rows);
            part.order(zero, rows);
            scales.add(scale);
            zeros.add(zero);
            float[] pairs = new float[stored.numbers().length / 2];
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = stored.numbers()[2 * i] | stored.numbers()[2 * i + 1] << 4;
            }
            part.order(pairs, rows);
            target.take(pairs);
        }
    }

    /** Scale and zero of each row, group by group, when the numbers are written. */
    float[] groups() {
        int rows = scales.stream().mapToInt(part -> part.length / groups).sum();
        float[] all = new float[rows * groups * 2];
        int above = 0;
        for (int part = 0; part < scales.size(); part++) {
            float[] scale = scales.get(part);
            for (int i = 0; i < scale.length; i++) {
                int at = 2 * (i % groups * rows + above + i / groups);
                all[at] = scale[i];
                all[at + 1] = zeros.get(part)[i];
            }
            above += scale.length / groups;
        }
        return all;
    }

    /** The values of 8, put so that what the scale's rounding takes from a group's mean is given back. */
    private static float[] zeros(FourBits stored) {
        float[] zeros = new float[stored.scales().length];
        for (int group = 0; group < zeros.length; group++) {
            int sum = 0;
            for (int i = 0; i < FourBits.GROUP; i++) {
                sum += stored.numbers()[group * FourBits.GROUP + i] - MIDDLE;
            }
            float scale = stored.scales()[group];
            float rounded = Float.intBitsToFloat(ElementType.bfloat16(scale) << 16);
            zeros[group] = stored.minimums()[group] + MIDDLE * scale + (scale - rounded) * sum / FourBits.GROUP;
        }
        return zeros;
    }
}
