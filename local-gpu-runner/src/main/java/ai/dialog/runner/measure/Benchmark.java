package ai.dialog.runner.measure;

import ai.dialog.model.LanguageModel;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How fast a model runs: prefill of one row, decode of many. Figures are medians, in tokens a second. */
public final class Benchmark {

    /** Prompt lengths measured. */
    public static final List<Integer> PREFILL = List.of(128, 512);

    /** Rows decoded at once. */
    public static final List<Integer> ROWS = List.of(1, 4, 8, 16, 32);

    /** Length of each sequence when its decoding ends. */
    public static final int CONTEXT = 256;

    private static final int REPEATS = 5;
    private static final int WARM_UP_STEPS = 4;
    private static final int STEPS = 32;

    private final LanguageModel model;
    private final Consumer<String> progress;

    /**
     * Makes a benchmark.
     *
     * @param model with at least 32 slots and a context of 512
     * @param progress told in words what is measured next
     */
    public Benchmark(LanguageModel model, Consumer<String> progress) {
        this.model = model;
        this.progress = progress;
    }

    /**
     * What was measured.
     *
     * @param precision what the model computes in
     * @param prefill tokens/s by prompt length
     * @param decode tokens/s of all rows together, by number of rows, context 256
     * @param rssMib resident memory of the whole process at the end, MiB; -1 where the system does not tell
     * @param loadS seconds from the start of loading to a model that is ready
     */
    public record Result(
            String precision,
            Map<String, Double> prefill,
            Map<String, Double> decode,
            @JsonProperty("rss_mib") long rssMib,
            @JsonProperty("load_s") double loadS) {}

    /**
     * Runs all of it; about a minute.
     *
     * @param loadSeconds how long loading took, passed through
     */
    public Result run(double loadSeconds) {
        model.settleAll();
        Map<String, Double> prefill = new LinkedHashMap<>();
        for (int length : PREFILL) {
            progress.accept("prefill of " + length + " tokens");
            prefill.put(Integer.toString(length), round(length / prefillSeconds(length)));
        }
        Map<String, Double> decode = new LinkedHashMap<>();
        for (int rows : ROWS) {
            progress.accept("decode of " + rows + (rows == 1 ? " row" : " rows"));
            decode.put(Integer.toString(rows), round(rows / stepSeconds(rows)));
        }
        return new Result(
                model.info().precision().wire(), prefill, decode, ProcessMemory.residentMib(), round(loadSeconds));
    }

    private double prefillSeconds(int length) {
        double[] seconds = new double[REPEATS];
        for (int i = -1; i < REPEATS; i++) { // the first is a warm-up
            long start = System.nanoTime();
            try (LanguageModel.Sequence sequence = model.open();
                    LanguageModel.Scores scores = model.prefill(sequence, tokens(length, i), false)) {
                scores.argmax();
            }
            if (i >= 0) {
                seconds[i] = (System.nanoTime() - start) / 1e9;
            }
        }
        return median(seconds);
    }

    private double stepSeconds(int rows) {
        List<LanguageModel.Sequence> sequences = new ArrayList<>();
        try {
            for (int row = 0; row < rows; row++) {
                LanguageModel.Sequence sequence = model.open();
                sequences.add(sequence);
                model.prefill(sequence, tokens(CONTEXT - STEPS - WARM_UP_STEPS, row), false)
                        .close();
            }
            int[] next = tokens(rows, rows);
            double[] seconds = new double[STEPS];
            for (int step = -WARM_UP_STEPS; step < STEPS; step++) {
                long start = System.nanoTime();
                try (LanguageModel.Scores scores = model.decode(sequences, next)) {
                    next = scores.argmax();
                }
                if (step >= 0) {
                    seconds[step] = (System.nanoTime() - start) / 1e9;
                }
            }
            return median(seconds);
        } finally {
            sequences.forEach(LanguageModel.Sequence::close);
        }
    }

    /** Arbitrary ids, the same in every run; the speed does not depend on them. */
    private int[] tokens(int count, int seed) {
        int vocabulary = model.info().vocabularySize();
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = Math.floorMod((i + 1) * 131 + (seed + 1) * 7919, vocabulary);
        }
        return ids;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
