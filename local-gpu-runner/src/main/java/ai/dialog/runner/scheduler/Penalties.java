package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.Sampling;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is done to one row's scores before a token is chosen: the end of sequence masked, {@code logit_bias}, then the
 * penalties. Costs what was said so far, not the vocabulary.
 *
 * <ul>
 *   <li>Repetition (CTRL, Keskar et al. 2019, section 4.1, as transformers and vLLM do it): the score of every token in
 *       the prompt or the text is divided by the penalty where it is positive, multiplied where it is negative.
 *   <li>Frequency and presence (OpenAI's API reference, "frequency and presence penalties"): the score of every token
 *       generated so far, the prompt not counted, less {@code count * frequency} and less {@code presence}.
 * </ul>
 */
final class Penalties {

    private final Sampling sampling;
    private final Set<Integer> endOfSequence;
    private final int maskedUntil;
    private final boolean counts;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Integer> generated = new HashMap<>();
    private int tokens;

    /**
     * Penalties of one choice.
     *
     * @param maskedUntil the end of sequence cannot be chosen before this many tokens
     */
    Penalties(Sampling sampling, int[] prompt, Set<Integer> endOfSequence, int maskedUntil) {
        this.sampling = sampling;
        this.endOfSequence = endOfSequence;
        this.maskedUntil = maskedUntil;
        this.counts = sampling.repetitionPenalty() != 1
                || sampling.frequencyPenalty() != 0
                || sampling.presencePenalty() != 0;
        if (sampling.repetitionPenalty() != 1) {
            for (int id : prompt) {
                seen.set(id);
            }
        }
    }

    /** Whether {@link #apply} would change the scores of the next token. */
    boolean isActive() {
        return counts || !sampling.logitBias().isEmpty() || tokens < maskedUntil;
    }

    /** Counts a token that was generated. */
    void add(int id) {
        tokens++;
        if (counts) {
            seen.set(id);
            generated.merge(id, 1, Integer::sum);
        }
    }

    /** Changes the scores of the next token in place. */
    void apply(float[] scores) {
        if (tokens < maskedUntil) {
            endOfSequence.forEach(id -> scores[id] = Float.NEGATIVE_INFINITY);
        }
        sampling.logitBias().forEach((id, bias) -> scores[id] += bias.floatValue());
        if (sampling.repetitionPenalty() != 1) {
            float penalty = (float) sampling.repetitionPenalty();
            for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
                scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
            }
        }
        generated.forEach((id, count) ->
                scores[id] -= (float) (count * sampling.frequencyPenalty() + sampling.presencePenalty()));
    }
}
