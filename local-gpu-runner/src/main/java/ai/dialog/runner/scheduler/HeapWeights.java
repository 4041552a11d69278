package ai.dialog.runner.scheduler;

import ai.dialog.model.TokenWeights;

/**
 * Weights of one row whose scores are on the heap, because they were edited: {@code exp((score - best) / temperature)}, so that
 * the best token weighs 1. Filled again for each token; not thread-safe.
 */
final class HeapWeights implements TokenWeights {

    private static final float LOWEST = -40;
    private static final float AT_LOWEST = power64(LOWEST);

    private final int vocabularySize;
    private final int blocks;
    /** With zeros behind the last one, so that all blocks are whole. */
    private final float[] weights;

    HeapWeights(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        this.blocks = Math.ceilDiv(vocabularySize, BLOCK);
        this.weights = new float[blocks * BLOCK];
    }

    /**
     * Weighs scores.
     *
     * @param scores left as they are
     * @throws IllegalStateException if the best score is not a finite number
     */
    void weigh(float[] scores, double temperature) {
        float inverse = (float) (1 / temperature);
        float best = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            best = Math.max(best, score);
        }
        if (!Float.isFinite(best)) {
            throw new IllegalStateException("no token can be drawn: the best score is " + best);
        }
        for (int id = 0; id < scores.length; id++) {
            weights[id] = exp((scores[id] - best) * inverse);
        }
    }

    /** Of each block four sums side by side: each addition would wait for the one before. */
    @Override
    public void copySums(int row, float[] target) {
        for (int block = 0; block < blocks; block++) {
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
            int end = (block + 1) * BLOCK;
            for (int id = block * BLOCK; id < end; id += 4) {
                a += weights[id];
                b += weights[id + 1];
                c += weights[id + 2];
                d += weights[id + 3];
            }
            target[block] = a + b + (c + d);
        }
    }

    @Override
    public void copyLargest(int row, float[] target) {
        for (int block = 0; block < blocks; block++) {
            float largest = 0;
            int end = (block + 1) * BLOCK;
            for (int id = block * BLOCK; id < end; id++) {
                // not Math.max, whose care for NaN and -0 takes three times as long; there are none
                largest = weights[id] > largest ? weights[id] : largest;
            }
            target[block] = largest;
        }
    }

    @Override
    public int copyBlock(int row, int block, float[] target) {
        int count = Math.min(BLOCK, vocabularySize - block * BLOCK);
        System.arraycopy(weights, block * BLOCK, target, 0, count);
        return count;
    }

    @Override
    public void close() {}

    /**
     * The exponential of a number that is not above 0, to 1e-5 of its value above 1e-7 (a score in bfloat16 is good to
     * 4e-3), and exactly 0 below 4e-18, more than a double's sum could hold beside the best token's 1. By
     * {@code exp(x) = exp(x / 64)^64} with the Taylor series to the sixth power: multiplications and additions alone, which
     * the compiler turns into vector instructions. Ten times as fast as {@code Math.exp}, which would make sampling 32 rows
     * of 50,000 tokens cost a quarter of their decode step; and the same on every machine, so that a seed draws the same.
     */
    static float exp(float x) {
        return power64(Math.max(x, LOWEST)) - AT_LOWEST;
    }

    private static float power64(float x) {
        float y = x * 0.015625f;
        float e = 1f / 720;
        e = e * y + 1f / 120;
        e = e * y + 1f / 24;
        e = e * y + 1f / 6;
        e = e * y + 0.5f;
        e = e * y + 1f;
        e = e * y + 1f;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        e *= e;
        return e;
    }
}
