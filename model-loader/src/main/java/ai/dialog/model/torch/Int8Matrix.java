package ai.dialog.model.torch;

import ai.dialog.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A matrix as whole numbers from -127 to 127 with a scale for each row, made of weights of a checkpoint one below the other. What
 * comes before it in the model is folded in first: a norm's weights, and the rotations of its input and its output.
 */
final class Int8Matrix {
    private static final int LARGEST = 127;

    private final List<ArchiveTensor.Weight> parts;
    private final ArchiveTensor.@Nullable Weight norm;
    private final @Nullable Rotation input;
    private final @Nullable Rotation output;
    private float @Nullable [] scales;

    /** Takes values part by part. */
    @FunctionalInterface
    interface Taker {
        void take(float[] values) throws IOException;
    }

    /**
     * Plans it.
     *
     * @param parts more than one only without a rotated output
     * @param norm its weights multiply the columns; null for none
     * @param input turns each row; null for none
     * @param output turns each column; null for none
     */
    Int8Matrix(
            List<ArchiveTensor.Weight> parts,
            ArchiveTensor.@Nullable Weight norm,
            @Nullable Rotation input,
            @Nullable Rotation output) {
        this.parts = List.copyOf(parts);
        this.norm = norm;
        this.input = input;
        this.output = output;
    }

    /** Every weight that is in it, the norm's too. */
    List<ArchiveTensor.Weight> weights() {
        List<ArchiveTensor.Weight> all = new ArrayList<>(parts);
        if (norm != null) {
            all.add(norm);
        }
        return all;
    }

    /** Quantises it, one part at a time on the heap, and keeps the scales. */
    void write(Checkpoint checkpoint, Taker target) throws IOException {
        float[] gains = norm == null ? null : norm.read(checkpoint);
        int rows = 0;
        for (ArchiveTensor.Weight part : parts) {
            rows += Math.toIntExact(checkpoint.shape(part.name())[0]);
        }
        float[] made = new float[rows];
        int row = 0;
        for (ArchiveTensor.Weight part : parts) {
            float[] values = part.read(checkpoint);
            int columns = Math.toIntExact(checkpoint.shape(part.name())[1]);
            fold(values, columns, gains);
            for (int from = 0; from < values.length; from += columns) {
                made[row++] = quantize(values, from, columns);
            }
            target.take(values);
        }
        scales = made;
    }

    /** What each row's numbers are to be multiplied by. */
    float[] scales() {
        return Objects.requireNonNull(scales, "the matrix is written before its scales");
    }

    private void fold(float[] values, int columns, float @Nullable [] gains) {
        for (int from = 0; from < values.length; from += columns) {
            for (int i = 0; gains != null && i < columns; i++) {
                values[from + i] *= gains[i];
            }
            if (input != null) {
                input.turn(values, from);
            }
        }
        if (output != null) {
            output.turnColumns(values);
        }
    }

    private static float quantize(float[] values, int from, int count) {
        float most = 0;
        for (int i = from; i < from + count; i++) {
            most = Math.max(most, Math.abs(values[i]));
        }
        float scale = most > 0 && Float.isFinite(most) ? most / LARGEST : 1;
        for (int i = from; i < from + count; i++) {
            values[i] = Math.clamp(Math.round(values[i] / scale), -LARGEST, LARGEST);
        }
        return scale;
    }
}
