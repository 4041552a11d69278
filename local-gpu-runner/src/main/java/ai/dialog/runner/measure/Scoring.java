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
     * Scores a text as it is, no special tokens added. A text longer than the context is scored in windows that overlap by
     * half, so that every token after the first window sees at least half a context before it.
     *
     * @throws IllegalArgumentException if the text has no tokens
     */
    public static Score score(LanguageModel model, String text) {
        int[] ids = model.tokenizer().encode(text, false);
        if (ids.length == 0) {
            throw new IllegalArgumentException("the text is empty: there is nothing to score");
        }
        @Nullable Double[] logprobs = new @Nullable Double[ids.length];
        int window = Math.min(model.contextLength(), ids.length);
        int stride = Math.max(1, window / 2);
        int scored = 1;
        for (int start = 0; scored < ids.length; start += stride) {
            int end = Math.min(ids.length, start + window);
            scoreWindow(model, ids, start, end, scored, logprobs);
            scored = end;
        }
        return summary(model, ids, logprobs);
    }

    private static void scoreWindow(
            LanguageModel model, int[] ids, int start, int end, int firstUnscored, @Nullable Double[] logprobs) {
        float[] row = new float[model.info().vocabularySize()];
        try (LanguageModel.Sequence sequence = model.open()) {
            // the scores after the window's last token belong to no token of it
            for (int from = start; from < end - 1; from += CHUNK) {
                int to = Math.min(end - 1, from + CHUNK);
                boolean needed = to >= firstUnscored;
                try (LanguageModel.Scores scores = model.prefill(sequence, Arrays.copyOfRange(ids, from, to), needed)) {
                    for (int i = Math.max(from, firstUnscored - 1); i < to; i++) {
                        scores.copyRow(i - from, row);
                        logprobs[i + 1] = logProbability(row, ids[i + 1]);
                    }
                }
            }
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
        float best = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            best = Math.max(best, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - best);
        }
        return scores[id] - best - Math.log(sum);
    }
}
