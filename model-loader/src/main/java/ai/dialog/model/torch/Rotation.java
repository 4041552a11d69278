package ai.dialog.model.torch;

import java.util.Random;

/**
 * An orthogonal transform of vectors of a fixed size, made of Hadamard transforms of blocks: it spreads what a few elements
 * hold over all, so that numbers of 8 bits hold the vector better.
 *
 * <p>A Hadamard matrix exists for powers of two, and 576, say, is nine blocks of 64. So the residual stream's transform has two
 * rounds: random signs and a transform of each block, then a shuffle that deals each block out to all the others, and the same
 * once more. Where the size has no even factor there are blocks of one and nothing is spread.
 *
 * @see <a href="https://arxiv.org/abs/2404.00456">QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs</a>
 */
final class Rotation {
    /** Any will do; the same one makes the same archive. */
    private static final long SEED = 20_240_401;

    private final int size;
    private final int block;
    private final boolean shuffled;
    private final boolean[] first;
    private final boolean[] second;
    private final float[] scratch;

    private Rotation(int size, int block, boolean shuffled) {
        this.size = size;
        this.block = block;
        this.shuffled = shuffled;
        this.first = new boolean[size];
        this.second = new boolean[size];
        this.scratch = new float[size];
        if (shuffled) {
            Random random = new Random(SEED);
            for (int i = 0; i < size; i++) {
                first[i] = random.nextBoolean();
                second[i] = random.nextBoolean();
            }
        }
    }

    /** Of the residual stream: every element comes to depend on every other, for sizes of up to the square of a block. */
    static Rotation ofResidual(int size) {
        return new Rotation(size, Integer.lowestOneBit(size), true);
    }

    /** Each block by itself, without signs: {@link #matrix} on its diagonal. */
    static Rotation ofBlocks(int size, int mostInBlock) {
        return new Rotation(size, Math.min(Integer.lowestOneBit(size), mostInBlock), false);
    }

    /** Elements of a vector. */
    int size() {
        return size;
    }

    /** Elements that one Hadamard transform mixes. */
    int block() {
        return block;
    }

    /** The symmetric matrix of one block, row-major. */
    float[] matrix() {
        float[] matrix = new float[block * block];
        for (int i = 0; i < block; i++) {
            for (int j = 0; j < block; j++) {
                matrix[i * block + j] = (float) ((Integer.bitCount(i & j) % 2 == 0 ? 1 : -1) / Math.sqrt(block));
            }
        }
        return matrix;
    }

    /** Transforms a vector in place. Not thread-safe. */
    void turn(float[] values, int from) {
        if (!shuffled) {
            transformBlocks(values, from);
            return;
        }
        negate(values, from, first);
        transformBlocks(values, from);
        int blocks = size / block;
        for (int i = 0; i < size; i++) {
            scratch[i % block * blocks + i / block] = values[from + i];
        }
        System.arraycopy(scratch, 0, values, from, size);
        negate(values, from, second);
        transformBlocks(values, from);
    }

    /** Transforms each column of a matrix of {@link #size} rows. */
    void turnColumns(float[] matrix) {
        int columns = matrix.length / size;
        float[] column = new float[size];
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < size; r++) {
                column[r] = matrix[r * columns + c];
            }
            turn(column, 0);
            for (int r = 0; r < size; r++) {
                matrix[r * columns + c] = column[r];
            }
        }
    }

    private void negate(float[] values, int from, boolean[] which) {
        for (int i = 0; i < size; i++) {
            if (which[i]) {
                values[from + i] = -values[from + i];
            }
        }
    }

    /** The fast Walsh-Hadamard transform of each block, of length 1 for a vector of length 1. */
    private void transformBlocks(float[] values, int from) {
        float norm = (float) (1 / Math.sqrt(block));
        for (int at = from; at < from + size; at += block) {
            for (int half = 1; half < block; half *= 2) {
                for (int i = at; i < at + block; i += 2 * half) {
                    for (int j = i; j < i + half; j++) {
                        float a = values[j];
                        float b = values[j + half];
                        values[j] = a + b;
                        values[j + half] = a - b;
                    }
                }
            }
            for (int i = at; i < at + block; i++) {
                values[i] *= norm;
            }
        }
    }
}
