package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.Sampling;
import java.util.random.RandomGenerator;

/**
 * Draws a token by its probability, after temperature, {@code min_p}, {@code top_k} and {@code top_p}. A few passes over
 * the vocabulary; it is never sorted.
 *
 * <p>All works on weights, probabilities that are not normalised: {@code exp((score - best) / temperature)}, so that the
 * best token weighs 1 and {@code min_p} is a plain bound on the weight. {@code top_k} keeps exactly k tokens, the lower
 * ids where weights are equal. {@code top_p} needs the largest weights in order until they make up the share p. It pops
 * them off a heap, and leaves out beforehand every token lighter than {@code (1 - p) * total / count}: all of those
 * together weigh less than {@code (1 - p) * total}, so the tokens above the bound alone make up more than p, and none
 * below it can be needed. That leaves a few hundred of a vocabulary of 50,000.
 */
final class RandomSampler implements Sampler {

    private static final int BLOCK = 512;
    private static final float LOWEST = -40;
    private static final float AT_LOWEST = power64(LOWEST);

    private final float inverseTemperature;
    private final float minP;
    private final int topK;
    private final double topP;
    private final RandomGenerator random;
    private final Scratch scratch;
    private final double[] blockSums;

    RandomSampler(Sampling sampling, RandomGenerator random, Scratch scratch) {
        this.inverseTemperature = (float) (1 / sampling.temperature());
        this.minP = (float) sampling.minP();
        this.topK = sampling.topK();
        this.topP = sampling.topP();
        this.random = random;
        this.scratch = scratch;
        this.blockSums = new double[(scratch.weights.length + BLOCK - 1) / BLOCK];
    }

    @Override
    public int sample(float[] scores) {
        float[] weights = scratch.weights;
        weigh(scores, inverseTemperature, weights);
        boolean cutsNumber = topK > 0 && topK < weights.length;
        if (minP <= 0 && !cutsNumber && topP >= 1) {
            return drawFromAll(weights);
        }
        int[] ids = scratch.ids;
        int count = atLeast(minP, weights, ids);
        if (cutsNumber && topK < count) {
            count = best(topK, weights, ids, count);
        }
        if (topP < 1) {
            count = nucleus(topP, weights, ids, count);
        }
        return draw(weights, ids, count);
    }

    private int drawFromAll(float[] weights) {
        double total = 0;
        for (int block = 0; block < blockSums.length; block++) {
            int end = Math.min(weights.length, (block + 1) * BLOCK);
            blockSums[block] = sum(weights, block * BLOCK, end);
            total += blockSums[block];
        }
        double left = random.nextDouble() * total;
        int block = 0;
        while (block < blockSums.length - 1 && left >= blockSums[block]) {
            left -= blockSums[block++];
        }
        return pick(weights, block * BLOCK, Math.min(weights.length, (block + 1) * BLOCK), left);
    }

    /** In four sums side by side: each addition would wait for the one before. */
    private static double sum(float[] weights, int from, int to) {
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
        return a + b + c + d;
    }

    /** The token in {@code [from, to)} at which the weights reach {@code left}; rounding may leave it just beyond the end. */
    private static int pick(float[] weights, int from, int to, double left) {
        int last = from;
        for (int id = from; id < to; id++) {
            if (weights[id] > 0) {
                last = id;
                left -= weights[id];
                if (left < 0) {
                    return id;
                }
            }
        }
        return last;
    }

    private int draw(float[] weights, int[] ids, int count) {
        double left = random.nextDouble() * sum(weights, ids, count);
        for (int i = 0; i < count; i++) {
            left -= weights[ids[i]];
            if (left < 0) {
                return ids[i];
            }
        }
        return ids[0];
    }

    private static int atLeast(float least, float[] weights, int[] ids) {
        int count = 0;
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] > 0 && weights[id] >= least) {
                ids[count++] = id;
            }
        }
        return count;
    }

    private static int best(int k, float[] weights, int[] ids, int count) {
        var worstFirst = new TokenHeap(weights, ids, k, false);
        for (int i = k; i < count; i++) {
            worstFirst.replaceFirstIfBetter(ids[i]);
        }
        return k;
    }

    private static int nucleus(double p, float[] weights, int[] ids, int count) {
        double total = sum(weights, ids, count);
        // Half the bound, so that rounding in the sum cannot leave out a token that is needed.
        double light = 0.5 * (1 - p) * total / count;
        int heavy = 0;
        for (int i = 0; i < count; i++) {
            if (weights[ids[i]] >= light) {
                ids[heavy++] = ids[i];
            }
        }
        var bestFirst = new TokenHeap(weights, ids, heavy, true);
        double reached = 0;
        int kept = 0;
        do {
            reached += weights[bestFirst.removeFirst()];
            kept++;
        } while (reached < p * total && bestFirst.size() > 0);
        // The heap leaves what it removed behind its end, the last one first.
        System.arraycopy(ids, heavy - kept, ids, 0, kept);
        return kept;
    }

    private static double sum(float[] weights, int[] ids, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[ids[i]];
        }
        return sum;
    }

    /**
     * Fills {@code weights} with {@code exp((score - best) * inverseTemperature)}.
     *
     * @throws IllegalStateException if the best score is not a finite number
     */
    static void weigh(float[] scores, float inverseTemperature, float[] weights) {
        float best = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            best = Math.max(best, score);
        }
        if (!Float.isFinite(best)) {
            throw new IllegalStateException("no token can be drawn: the best score is " + best);
        }
        for (int id = 0; id < weights.length; id++) {
            weights[id] = exp((scores[id] - best) * inverseTemperature);
        }
    }

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
