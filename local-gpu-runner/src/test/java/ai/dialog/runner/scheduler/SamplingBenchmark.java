package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.Sampling;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.ModelLoader;
import ai.dialog.model.Progress;
import ai.dialog.model.TokenWeights;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What choosing a token costs each row of a step, with the default model: the ways in turn after each real step. Run
 * by {@code bench/sampling.sh}.
 */
public final class SamplingBenchmark {

    private static final int CONTEXT = 512;
    private static final int STEPS = 200;
    private static final int WARM_UP = 80;

    private final LanguageModel model;
    private final int rows;
    private final Scratch scratch;
    private final Map<String, List<Double>> times = new LinkedHashMap<>();

    private SamplingBenchmark(LanguageModel model, int rows) {
        this.model = model;
        this.rows = rows;
        this.scratch = new Scratch(model.info().vocabularySize());
    }

    /** Prints a table for each number of rows. */
    public static void main(String[] args) throws Exception {
        var file = DefaultModel.fetch(ModelStore.standard(), Progress.SILENT);
        var archives = Files.createTempDirectory("sampling");
        var options = new LoadOptions(null, "cpu", 50, CONTEXT, Integer.getInteger("threads", 0), archives);
        try (var model = ModelLoader.load(file, options, Progress.SILENT)) {
            model.settleAll();
            for (int rows : args.length == 0
                    ? new int[] {32, 50}
                    : Arrays.stream(args).mapToInt(Integer::parseInt).toArray()) {
                new SamplingBenchmark(model, rows).run();
            }
        } finally {
            try (var files = Files.list(archives)) {
                for (Path archive : files.toList()) {
                    Files.delete(archive);
                }
            }
            Files.delete(archives);
        }
    }

    private void run() {
        var sequences = new ArrayList<Sequence>();
        var next = new int[rows];
        for (int row = 0; row < rows; row++) {
            int[] prompt =
                    model.tokenizer().encode("Write story " + row + " of a river and " + row + " stones.", false);
            sequences.add(model.open());
            model.prefill(sequences.get(row), prompt, false).close();
            next[row] = prompt[0];
        }
        List<Sampler> all = samplers(1);
        List<Sampler> nucleus = samplers(0.9);
        for (int step = 0; step < STEPS; step++) {
            if (step == WARM_UP) {
                times.clear();
            }
            long begin = System.nanoTime();
            try (var scores = model.decode(sequences, next)) {
                took("the step itself", begin);
                time("best token", () -> scores.argmax());
                time("temperature 1, from the heap", () -> fromHeap(scores, all));
                time("temperature 1, native", () -> natively(scores, all));
                time("top_p 0.9, from the heap", () -> fromHeap(scores, nucleus));
                time("top_p 0.9, native", () -> natively(scores, nucleus));
                next = natively(scores, all);
            }
        }
        sequences.forEach(Sequence::close);
        System.out.printf("| %d rows, ms a step | median | least |%n|---|---|---|%n", rows);
        times.forEach((way, measured) -> {
            double[] sorted =
                    measured.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(Locale.ROOT, "| %s | %.2f | %.2f |%n", way, sorted[sorted.length / 2], sorted[0]);
        });
    }

    private List<Sampler> samplers(double topP) {
        var samplers = new ArrayList<Sampler>();
        for (long seed = 0; seed < rows; seed++) {
            samplers.add(Sampler.of(new Sampling(1, topP, 0, 0, 0, 0, 1, seed, Map.of()), 0, scratch));
        }
        return samplers;
    }

    private int[] fromHeap(Scores scores, List<Sampler> samplers) {
        return chosen(row -> {
            scores.copyRow(row, scratch.raw);
            return samplers.get(row).sample(scratch.raw);
        });
    }

    private int[] natively(Scores scores, List<Sampler> samplers) {
        var asked = new int[rows];
        Arrays.setAll(asked, row -> row);
        var temperatures = new double[rows];
        Arrays.fill(temperatures, 1);
        try (TokenWeights weights = scores.weigh(asked, temperatures)) {
            return chosen(row -> ((RandomSampler) samplers.get(row)).draw(weights, row));
        }
    }

    private int[] chosen(ToIntFunction<Integer> way) {
        var tokens = new int[rows];
        Arrays.setAll(tokens, way::applyAsInt);
        return tokens;
    }

    private void time(String way, Runnable work) {
        long begin = System.nanoTime();
        work.run();
        took(way, begin);
    }

    private void took(String way, long begin) {
        times.computeIfAbsent(way, key -> new ArrayList<>()).add((System.nanoTime() - begin) / 1e6);
    }
}
