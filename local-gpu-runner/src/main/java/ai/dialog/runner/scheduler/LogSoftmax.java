package ai.dialog.runner.scheduler;

/**
 * Log probabilities of one row of scores: {@code score - log(sum(exp(scores)))}, the sum in double precision. The scores
 * are the model's own, before bias, penalties and temperature, as OpenAI's and vLLM's {@code logprobs} are.
 */
final class LogSoftmax {

    /** What OpenAI's API gives for a token too unlikely to say; JSON has no infinity. */
    private static final double LEAST = -9999;

    private final float[] scores;
    private final double logTotal;

    LogSoftmax(float[] scores) {
        this.scores = scores;
        float best = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            best = Math.max(best, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - (double) best);
        }
        this.logTotal = best + Math.log(sum);
        if (!Double.isFinite(logTotal)) {
            throw new IllegalStateException("the model's scores have no log probabilities: the best is " + best);
        }
    }

    double logprob(int id) {
        return Math.max(LEAST, scores[id] - logTotal);
    }

    /** The likeliest ids, best first; the lower id where two are equal. */
    int[] top(int count) {
        int kept = Math.min(count, scores.length);
        var ids = new int[kept];
        if (kept == 0) {
            return ids;
        }
        for (int id = 0; id < kept; id++) {
            ids[id] = id;
        }
        var worstFirst = new TokenHeap(scores, ids, kept, false);
        for (int id = kept; id < scores.length; id++) {
            worstFirst.replaceFirstIfBetter(id);
        }
        while (worstFirst.size() > 0) {
            worstFirst.removeFirst();
        }
        return ids;
    }
}
