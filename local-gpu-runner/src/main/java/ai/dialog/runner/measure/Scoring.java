package ai.dialog.runner.measure;

import ai.dialog.model.LanguageModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How likely a text is to a model: the log probability of each of its tokens given those before it. */
public final class Scoring {

    /** Rows of scores held at once: bounds native memory at 128 x vocabulary floats. */
    private static final int CHUNK = 128;

    private Scoring() {}

    /**
     * One token of a scored text.
     *
     * @param text its bytes as UTF-8; bytes that are no character of their own show as U+FFFD
     * @param logprob natural logarithm of its probability; null for the first, which nothing precedes
     */
    public record ScoredToken(int id, String text, @Nullable Double logprob) {}

    /**
     * A scored text.
     *
     * @param perplexity exp of the mean negative log probability; null where the text has a single token
     */
    public record Score(List<ScoredToken> tokens, @Nullable Double perplexity) {}

    /**
     * Scores a text, framed as the model was taught (a beginning-of-sequence token where its tokenizer adds one). A text longer than the context is scored in windows that overlap by
     * half, so that every token after the first window sees at least half a context before it.
     *
     * @throws IllegalArgumentException if the text has no tokens
     */
    public static Score score(LanguageModel model, String text) {
        int[] ids = model.tokenizer().encode(text, true);
        if (text.isEmpty() || ids.length == 0) {
            throw new IllegalArgumentException("the text is empty: there is nothing to score");
        }
        @Nullable Double[] logprobs = new @Nullable Double[ids.length];
        walk(List.of(model), ids, (next, rows) -> logprobs[next] = logProbability(rows.getFirst(), ids[next]));
        return summary(model, ids, logprobs);
    }

    /** Takes each model's scores of one token, given those before it. */
    @FunctionalInterface
    interface Taker {
        void take(int next, List<float[]> rows);
    }

    /** Scores every token but the first with each of several models of the same vocabulary and context, in step. */
    static void walk(List<LanguageModel> models, int[] ids, Taker taker) {
        models.forEach(LanguageModel::settleAll);
        int window = Math.min(models.getFirst().contextLength(), ids.length);
        int stride = Math.max(1, window / 2);
        int scored = 1;
        for (int start = 0; scored < ids.length; start += stride) {
            int end = Math.min(ids.length, start + window);
            walkWindow(models, Arrays.copyOfRange(ids, start, end), start, scored, taker);
            scored = end;
        }
    }

    private static void walkWindow(List<LanguageModel> models, int[] ids, int start, int firstUnscored, Taker taker) {
        List<LanguageModel.Sequence> sequences = new ArrayList<>();
        try {
            for (LanguageModel model : models) {
                sequences.add(model.open());
            }
            // the scores after the window's last token belong to no token of it
            for (int from = 0; from < ids.length - 1; from += CHUNK) {
                int to = Math.min(ids.length - 1, from + CHUNK);
                int first = Math.max(from, firstUnscored - 1 - start);
                int[] chunk = Arrays.copyOfRange(ids, from, to);
                List<LanguageModel.Scores> scores = new ArrayList<>();
                try {
                    for (int m = 0; m < models.size(); m++) {
                        scores.add(models.get(m).prefill(sequences.get(m), chunk, first < to));
                    }
                    take(models, scores, first - from, to - from, start + from + 1, taker);
                } finally {
                    scores.forEach(LanguageModel.Scores::close);
                }
            }
        } finally {
            sequences.forEach(LanguageModel.Sequence::close);
        }
    }

    private static void take(
            List<LanguageModel> models,
            List<LanguageModel.Scores> scores,
            int first,
            int end,
            int firstNext,
            Taker taker) {
        List<float[]> rows = new ArrayList<>();
        for (LanguageModel model : models) {
            rows.add(new float[model.info().vocabularySize()]);
        }
        for (int i = first; i < end; i++) {
            for (int m = 0; m < rows.size(); m++) {
                scores.get(m).copyRow(i, rows.get(m));
            }
            taker.take(firstNext + i, rows);
        }
    }

    private static Score summary(LanguageModel model, int[] ids, @Nullable Double[] logprobs) {
        List<ScoredToken> tokens = new ArrayList<>(ids.length);
        double sum = 0;
        for (int i = 0; i < ids.length; i++) {
            Double logprob = logprobs[i];
            sum += logprob == null ? 0 : logprob;
            String text = new String(model.tokenizer().bytes(ids[i]), StandardCharsets.UTF_8);
            tokens.add(new ScoredToken(ids[i], text, logprob));
        }
        return new Score(tokens, ids.length == 1 ? null : Math.exp(-sum / (ids.length - 1)));
    }

    /** log softmax at one place, summed in double precision. */
    static double logProbability(float[] scores, int id) {
        return scores[id] - logSum(scores);
    }

    /** log(sum(exp(scores))). */
    static double logSum(float[] scores) {
        float best = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            best = Math.max(best, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - best);
        }
        return best + Math.log(sum);
    }
}
