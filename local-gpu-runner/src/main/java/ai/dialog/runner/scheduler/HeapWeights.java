package ai.dialog.runner.scheduler;

import ai.dialog.model.TokenWeights;

/**
 * Weights of one row whose scores are on the heap, because they were edited: {@code exp((score - best) / temperature)}, so that
 * the best token weighs 1. Filled again for each token; not thread-safe.
 */
final class HeapWeights implements TokenWeights {

    private static final float LOWEST = -40;
    private static final float AT_LOWEST = power64(LOWEST);

    private final float[] weights;
    private final float[] sums;
    private final float[] largest;

    HeapWeights(int vocabularySize) {
        weights = new float[vocabularySize];
        sums = new float[Math.ceilDiv(vocabularySize, BLOCK)];
        largest = new float[sums.length];
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
        for (int id = 0; id < weights.length; id++) {
            weights[id] = exp((scores[id] - best) * inverse);
        }
        for (int block = 0; block < sums.length; block++) {
            sum(block, block * BLOCK, Math.min(weights.length, (block + 1) * BLOCK));
        }
    }

    /** In four sums side by side: each addition would wait for the one before. */
    private void sum(int block, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int id = from;
        for (; id + 3 < to; id += 4) {
            a += weights[id];
            b += weights[id + 1];
            c += weights[id + 2];
            d += weights[id + 3];
        }
        for (; id < to; id++) {
            a += weights[id];
        }
        sums[block] = (float) (a + b + c + d);
        float most = 0;
        for (id = from; id < to; id++) {
            most = Math.max(most, weights[id]);
        }
        largest[block] = most;
    }

    @Override
    public void copySums(int row, float[] target) {
        System.arraycopy(sums, 0, target, 0, sums.length);
    }

    @Override
    public void copyLargest(int row, float[] target) {
        System.arraycopy(largest, 0, target, 0, largest.length);
    }

    @Override
    public int copyBlock(int row, int block, float[] target) {
        int count = Math.min(BLOCK, weights.length - block * BLOCK);
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
