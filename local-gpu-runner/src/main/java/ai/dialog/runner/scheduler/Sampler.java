package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.Sampling;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chooses the next token from one row of scores.
 *
 * <p>The whole order of operations, which is vLLM's ({@code vllm/v1/sample/sampler.py}):
 *
 * <ol>
 *   <li>log probabilities from the scores as the model gave them ({@link LogSoftmax});
 *   <li>end-of-sequence masked before {@code min_tokens}, {@code logit_bias} added, then the penalties: repetition,
 *       frequency, presence ({@link Penalties});
 *   <li>where the text has a form, every token masked that the form does not allow next
 *       ({@link ai.dialog.runner.grammar.TokenConstraint});
 *   <li>temperature 0: the best token, and nothing else;
 *   <li>division by the temperature, then {@code min_p}, {@code top_k}, {@code top_p}, each over what the one before left
 *       ({@link RandomSampler}).
 * </ol>
 */
@FunctionalInterface
interface Sampler {

    /** Always the best token; the lowest id where several are equal. */
    Sampler GREEDY = Sampler::argmax;

    /** Below this a temperature counts as 0: dividing by it would overflow ({@code _SAMPLING_EPS} in vLLM). */
    double LEAST_TEMPERATURE = 1e-5;

    /**
     * Chooses a token.
     *
     * @param scores one for each id of the vocabulary; left as it is
     * @throws IllegalStateException if no token can be chosen because the scores are not numbers
     */
    int sample(float[] scores);

    /**
     * The sampler for one choice of a request. With a seed, what it draws depends on the seed and the choice's index
     * alone, never on what else is in the batch.
     */
    static Sampler of(Sampling sampling, int choice, Scratch scratch) {
        if (isGreedy(sampling)) {
            return GREEDY;
        }
        Long given = sampling.seed();
        long seed = given == null ? ThreadLocalRandom.current().nextLong() : given;
        return new RandomSampler(sampling, new SplittableRandom(mix(mix(seed) + choice)), scratch);
    }

    /** Whether the best token is always chosen. */
    static boolean isGreedy(Sampling sampling) {
        return sampling.temperature() < LEAST_TEMPERATURE;
    }

    private static int argmax(float[] scores) {
        int best = 0;
        for (int id = 1; id < scores.length; id++) {
            if (scores[id] > scores[best]) {
                best = id;
            }
        }
        if (!(scores[best] > Float.NEGATIVE_INFINITY)) {
            throw new IllegalStateException("no token has a score: the model gave " + Objects.toString(scores[best]));
        }
        return best;
    }

    /**
     * Spreads nearby seeds over all 64 bits (MurmurHash3's finalizer). SplittableRandom steps its seed by a constant, so
     * that unmixed seeds which differ by a multiple of it would draw the same numbers, shifted.
     */
    private static long mix(long z) {
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
