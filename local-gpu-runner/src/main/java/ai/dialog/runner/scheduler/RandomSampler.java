package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.Sampling;
import ai.dialog.model.TokenWeights;
import java.util.random.RandomGenerator;

/**
 * Draws a token by its probability, after temperature, {@code min_p}, {@code top_k} and {@code top_p}, from {@link TokenWeights}. Few
 * of these are looked at, and they are never sorted.
 *
 * <p>A draw from all tokens needs the sums of the blocks and one block. For the others the tokens above a bound are gathered,
 * from the blocks whose largest lies above it, and the bound falls until all that can be needed are there. {@code min_p} says
 * the bound. {@code top_k} needs k tokens, and keeps exactly k, the lower ids where weights are equal. {@code top_p} needs as many as make
 * up the share p of the sum ({@link Heaviest}).
 */
final class RandomSampler implements Sampler {

    /** How far below the best token is looked first, and how much farther each time after that: few blocks, few times. */
    private static final float STEP = 1f / 16;

    private final double temperature;
    private final float minP;
    private final int topK;
    private final double topP;
    private final RandomGenerator random;
    private final Scratch scratch;

    RandomSampler(Sampling sampling, RandomGenerator random, Scratch scratch) {
        this.temperature = sampling.temperature();
        this.minP = (float) sampling.minP();
        this.topK = sampling.topK();
        this.topP = sampling.topP();
        this.random = random;
        this.scratch = scratch;
    }

    double temperature() {
        return temperature;
    }

    @Override
    public int sample(float[] scores) {
        scratch.weighed.weigh(scores, temperature);
        return draw(scratch.weighed, 0);
    }

    /**
     * Draws a token, with one random number.
     *
     * @param weights of scores at this sampler's temperature
     * @throws IllegalStateException if no token can be drawn because the scores are not numbers
     */
    int draw(TokenWeights weights, int row) {
        float[] sums = scratch.sums;
        weights.copySums(row, sums);
        double total = 0;
        for (float sum : sums) {
            total += sum;
        }
        if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
            throw new IllegalStateException("no token can be drawn: the weights' sum is " + total);
        }
        boolean cutsNumber = topK > 0 && topK < scratch.ids.length;
        if (minP <= 0 && !cutsNumber && topP >= 1) {
            return drawFromAll(weights, row, random.nextDouble() * total);
        }
        int count = gather(weights, row, cutsNumber ? topK : 0, total);
        for (int i = 0; i < count; i++) {
            scratch.kept[i] = i;
        }
        if (cutsNumber && topK < count) {
            count = scratch.heaviest.number(topK, count);
        }
        if (topP < 1) {
            count = scratch.heaviest.mass(topP * (minP <= 0 && !cutsNumber ? total : sum(count)), count);
        }
        return drawFromKept(count);
    }

    /** The token at which the weights reach {@code left}; rounding may leave it just beyond a block's end. */
    private int drawFromAll(TokenWeights weights, int row, double left) {
        float[] sums = scratch.sums;
        int chosen = 0;
        for (int block = 0; block < sums.length; block++) {
            if (sums[block] > 0) {
                chosen = block;
                if (left < sums[block]) {
                    break;
                }
                left -= sums[block];
            }
        }
        int size = weights.copyBlock(row, chosen, scratch.block);
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (scratch.block[i] > 0) {
                last = i;
                left -= scratch.block[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return chosen * TokenWeights.BLOCK + last;
    }

    /**
     * Gathers the heaviest tokens in the order of their ids: all that {@code min_p} allows, or of these at least so many or, where
     * no number is asked for, as many as {@code top_p} can need.
     */
    private int gather(TokenWeights weights, int row, int number, double total) {
        weights.copyLargest(row, scratch.largest);
        float best = 0;
        for (float weight : scratch.largest) {
            best = Math.max(best, weight);
        }
        float least = Math.max(minP * best, Float.MIN_VALUE);
        float bound = best;
        if (number == 0 && minP > 0) {
            bound = least;
        } else if (number == 0) {
            // Tokens below this make up less than 1 - p together. Half of it, so that rounding in the sums leaves none
            // out.
            least = Math.max(least, (float) (0.5 * (1 - topP) * total / scratch.ids.length));
        }
        int count;
        do {
            bound = Math.max(bound * STEP, least);
            count = atLeast(weights, row, bound);
        } while (bound > least && (number > 0 ? count < number : sumOfGathered(count) < topP * total));
        return count;
    }

    private int atLeast(TokenWeights weights, int row, float bound) {
        int count = 0;
        for (int block = 0; block < scratch.largest.length; block++) {
            if (scratch.largest[block] >= bound) {
                int size = weights.copyBlock(row, block, scratch.block);
                for (int i = 0; i < size; i++) {
                    if (scratch.block[i] >= bound) {
                        scratch.ids[count] = block * TokenWeights.BLOCK + i;
                        scratch.weights[count++] = scratch.block[i];
                    }
                }
            }
        }
        return count;
    }

    private int drawFromKept(int count) {
        double left = random.nextDouble() * sum(count);
        int place = scratch.kept[0];
        for (int i = 0; i < count && left >= 0; i++) {
            place = scratch.kept[i];
            left -= scratch.weights[place];
        }
        return scratch.ids[place];
    }

    private double sum(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += scratch.weights[scratch.kept[i]];
        }
        return sum;
    }

    private double sumOfGathered(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += scratch.weights[i];
        }
        return sum;
    }
}
