package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.ModelException;
import ai.dialog.model.ModelLoader;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The default model's scores of a conversation of 500 tokens against Hugging Face transformers in float32; see
 * {@code src/test/python/make_default_model_golden.py}. The file is the one that the system property
 * {@code ai.dialog.test.model} or {@code AI_DIALOG_TEST_MODEL} names, else it is fetched.
 */
class DefaultModelGoldenIT {
    /** A prompt goes into the cache in pieces, as the scheduler does it. */
    private static final int CHUNK = 128;

    @TempDir
    static Path cache;

    /**
     * Kullback-Leibler divergence and agreement.
     *
     * @param divergence mean over all positions, over the best tokens kept and the rest as one
     * @param sameFirst share of positions with the same best token
     */
    private record Comparison(double divergence, double sameFirst) {}

    @Test
    void float32ScoresAreThoseOfTransformers() throws IOException {
        Comparison comparison = compare(Precision.FLOAT32);
        assertThat(comparison.divergence()).isLessThan(1e-4);
        assertThat(comparison.sameFirst()).isGreaterThanOrEqualTo(0.995);
    }

    @Test
    void bfloat16ScoresAreNearThem() throws IOException {
        Comparison comparison = compare(Precision.BFLOAT16);
        // Weights of bfloat16 alone give 0.0002 here, activations of bfloat16 add to it.
        assertThat(comparison.divergence()).isLessThan(0.005);
        assertThat(comparison.sameFirst()).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void int8ScoresAreNearThem() throws IOException {
        Comparison comparison = compare(Precision.INT8);
        assertThat(comparison.divergence()).isLessThan(0.012);
        assertThat(comparison.sameFirst()).isGreaterThanOrEqualTo(0.94);
    }

    @Test
    void int8StepsOfOneRowAreNearThem() throws IOException {
        Comparison comparison = compare(Precision.INT8, 1);
        assertThat(comparison.divergence()).isLessThan(0.012);
        assertThat(comparison.sameFirst()).isGreaterThanOrEqualTo(0.94);
    }

    private static Comparison compare(Precision precision) throws IOException {
        return compare(precision, CHUNK);
    }

    /** With chunks of one token all but the first are decode steps. */
    private static Comparison compare(Precision precision, int most) throws IOException {
        DefaultModelGolden golden = DefaultModelGolden.read();
        LoadOptions options = new LoadOptions(precision, "cpu", 1, null, 0, cache);
        double divergence = 0;
        int same = 0;
        int n = golden.tokens.length;
        try (LanguageModel model = ModelLoader.load(model(), options, Progress.SILENT)) {
            model.settleAll();
            assertThat(model.info().sha256()).isEqualTo(golden.sha256);
            float[] scores = new float[model.info().vocabularySize()];
            try (LanguageModel.Sequence sequence = model.open()) {
                while (sequence.length() < n) {
                    int start = sequence.length();
                    int[] chunk = Arrays.copyOfRange(golden.tokens, start, Math.min(n, start + most));
                    try (LanguageModel.Scores rows = next(model, sequence, chunk)) {
                        int[] best = rows.argmax();
                        for (int i = 0; i < chunk.length; i++) {
                            rows.copyRow(i, scores);
                            divergence += golden.divergence(start + i, scores);
                            same += best[i] == golden.best(start + i) ? 1 : 0;
                        }
                    }
                }
            }
        }
        Comparison comparison = new Comparison(divergence / n, (double) same / n);
        System.out.println(precision + " against transformers, " + most + " at once: " + comparison);
        return comparison;
    }

    private static LanguageModel.Scores next(LanguageModel model, LanguageModel.Sequence sequence, int[] chunk) {
        return chunk.length == 1 && sequence.length() > 0
                ? model.decode(List.of(sequence), chunk)
                : model.prefill(sequence, chunk, true);
    }

    private static Path model() {
        String named =
                System.getProperty("ai.dialog.test.model", System.getenv().getOrDefault("AI_DIALOG_TEST_MODEL", ""));
        if (named.isEmpty()) {
            return DefaultModel.fetch(ModelStore.standard(), Progress.SILENT);
        }
        if (!Files.isRegularFile(Path.of(named))) {
            throw new ModelException("ai.dialog.test.model or AI_DIALOG_TEST_MODEL names " + named
                    + ", where no file is; unset it to have the default model fetched");
        }
        return Path.of(named);
    }
}
