package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.FinishReason;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.TokenWeights;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the next tokens of rows by the scores of one step. Each row takes its own way: of those that want their best token, and of
 * those that only draw one, all are computed in one native call, when the first of them asks; the scores of others are
 * copied to the heap, one row at a time.
 */
final class StepChoice implements AutoCloseable {

    private final Scores scores;
    private final Scratch scratch;
    private final List<Row> rows;
    private final int first;
    private int @Nullable [] best;
    private @Nullable TokenWeights weights;
    private int[] weighed = {};
    private boolean needsScores;
    private @Nullable RuntimeException fault;

    /**
     * Begins.
     *
     * @param rows may be the same one again, for each of its tokens in turn
     * @param first row {@code i} of these is scored by row {@code first + i}
     */
    StepChoice(Scores scores, Scratch scratch, List<Row> rows, int first) {
        this.scores = scores;
        this.scratch = scratch;
        this.rows = rows;
        this.first = first;
    }

    /**
     * Asks the engine for what choosing for row {@code i} needs. A fault of the row itself, which cannot say what it needs, is
     * none of the engine's: {@link #choose} throws it.
     */
    void ask(int i) {
        Row row = rows.get(i);
        fault = null;
        try {
            needsScores = row.needsScores();
        } catch (RuntimeException e) {
            fault = e;
            return;
        }
        if (needsScores) {
            scores.copyRow(first + i, scratch.raw);
        } else if (row.sampler() instanceof RandomSampler) {
            if (weights == null) {
                weighed = IntStream.range(i, rows.size()).filter(this::draws).toArray();
                weights = scores.weigh(
                        Arrays.stream(weighed).map(drawn -> first + drawn).toArray(),
                        Arrays.stream(weighed)
                                .mapToDouble(drawn ->
                                        ((RandomSampler) rows.get(drawn).sampler()).temperature())
                                .toArray());
            }
        } else if (best == null) {
            best = scores.argmax();
        }
    }

    private boolean draws(int i) {
        Row row = rows.get(i);
        try {
            return !row.isClosed() && row.sampler() instanceof RandomSampler && !row.needsScores();
        } catch (RuntimeException e) {
            return false; // its fault is found when its own turn comes
        }
    }

    /** Chooses for row {@code i}, after {@link #ask}; the reason if its choice ends with that. */
    @Nullable
    FinishReason choose(int i) {
        if (fault != null) {
            throw fault;
        }
        Row row = rows.get(i);
        if (needsScores) {
            return row.sample();
        }
        if (row.sampler() instanceof RandomSampler random) {
            return row.take(random.draw(Objects.requireNonNull(weights), Arrays.binarySearch(weighed, i)), null);
        }
        return row.take(Objects.requireNonNull(best)[first + i], null);
    }

    @Override
    public void close() {
        if (weights != null) {
            weights.close();
        }
    }
}
