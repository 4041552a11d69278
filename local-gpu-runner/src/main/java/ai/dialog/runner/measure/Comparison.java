package ai.dialog.runner.measure;

import ai.dialog.model.LanguageModel;
import java.util.List;

/**
 * How far a model's scores of a text are from those of a reference, the same checkpoint in another precision.
 *
 * @param precision of the model
 * @param reference the precision of the reference
 * @param positions tokens that were scored: all but the first
 * @param divergence Kullback-Leibler divergence of the model from the reference in nats, mean over all positions
 * @param sameFirst share of positions where both have the same best token
 * @param perplexity of the model
 * @param referencePerplexity of the reference
 */
public record Comparison(
        String precision,
        String reference,
        int positions,
        double divergence,
        double sameFirst,
        double perplexity,
        double referencePerplexity) {

    /**
     * Scores a text with both, as {@link Scoring#score} does.
     *
     * @throws IllegalArgumentException if the text has less than two tokens, or the models differ in vocabulary or context
     */
    public static Comparison of(LanguageModel model, LanguageModel reference, String text) {
        int[] ids = model.tokenizer().encode(text, true);
        if (text.isEmpty() || ids.length < 2) {
            throw new IllegalArgumentException("the text has less than two tokens: there is nothing to compare");
        }
        if (model.info().vocabularySize() != reference.info().vocabularySize()
                || model.contextLength() != reference.contextLength()) {
            throw new IllegalArgumentException("the models are not of the same checkpoint");
        }
        Sums sums = new Sums();
        Scoring.walk(
                List.of(model, reference), ids, (next, rows) -> sums.add(rows.getFirst(), rows.getLast(), ids[next]));
        int n = ids.length - 1;
        return new Comparison(
                model.info().precision().wire(),
                reference.info().precision().wire(),
                n,
                sums.divergence / n,
                (double) sums.same / n,
                Math.exp(-sums.logProbability / n),
                Math.exp(-sums.referenceLogProbability / n));
    }

    private static final class Sums {
        private double divergence;
        private int same;
        private double logProbability;
        private double referenceLogProbability;

        void add(float[] scores, float[] expected, int next) {
            double sum = Scoring.logSum(scores);
            double expectedSum = Scoring.logSum(expected);
            for (int i = 0; i < scores.length; i++) {
                double expectedLog = expected[i] - expectedSum;
                divergence += Math.exp(expectedLog) * (expectedLog - (scores[i] - sum));
            }
            same += best(scores) == best(expected) ? 1 : 0;
            logProbability += scores[next] - sum;
            referenceLogProbability += expected[next] - expectedSum;
        }

        /** The lowest id where several are equal. */
        private static int best(float[] scores) {
            int best = 0;
            for (int i = 1; i < scores.length; i++) {
                best = scores[i] > scores[best] ? i : best;
            }
            return best;
        }
    }
}
