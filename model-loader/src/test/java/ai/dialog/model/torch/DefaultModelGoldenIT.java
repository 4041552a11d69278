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
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

    private static Comparison compare(Precision precision) throws IOException {
        Golden golden = Golden.read();
        LoadOptions options = new LoadOptions(precision, "cpu", 1, null, 0, cache);
        double divergence = 0;
        int same = 0;
        int n = golden.tokens().length;
        try (LanguageModel model = ModelLoader.load(model(), options, Progress.SILENT)) {
            assertThat(model.info().sha256()).isEqualTo(golden.sha256());
            float[] scores = new float[model.info().vocabularySize()];
            try (LanguageModel.Sequence sequence = model.open()) {
                while (sequence.length() < n) {
                    int start = sequence.length();
                    int[] chunk =
                            Arrays.copyOfRange(golden.tokens(), start, Math.min(n, start + CHUNK));
                    try (LanguageModel.Scores rows = model.prefill(sequence, chunk, true)) {
                        int[] best = rows.argmax();
                        for (int i = 0; i < chunk.length; i++) {
                            rows.copyRow(i, scores);
                            divergence += golden.divergence(start + i, scores);
                            same += best[i] == golden.ids()[(start + i) * golden.top()] ? 1 : 0;
                        }
                    }
                }
            }
        }
        Comparison comparison = new Comparison(divergence / n, (double) same / n);
        System.out.println(precision + " against transformers: " + comparison);
        return comparison;
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

    /** What the script wrote. */
    private record Golden(String sha256, int top, int[] tokens, int[] ids, float[] logprobs) {

        static Golden read() throws IOException {
            try (InputStream file = Objects.requireNonNull(
                            DefaultModelGoldenIT.class.getResourceAsStream("/golden/default-model.golden.gz"));
                    DataInputStream in = new DataInputStream(new GZIPInputStream(file))) {
                byte[] all = in.readAllBytes();
                int line = 0;
                while (all[line] != '\n') {
                    line++;
                }
                JsonNode header = JsonMapper.shared().readTree(new String(all, 0, line, StandardCharsets.UTF_8));
                int positions = header.get("positions").intValue();
                int top = header.get("top").intValue();
                ByteBuffer body = ByteBuffer.wrap(all, line + 1, all.length - line - 1)
                        .order(ByteOrder.LITTLE_ENDIAN);
                int[] tokens = ints(body, positions);
                int[] ids = ints(body, positions * top);
                float[] logprobs = new float[positions * top];
                body.asFloatBuffer().get(logprobs);
                return new Golden(header.get("sha256").asString(), top, tokens, ids, logprobs);
            }
        }

        private static int[] ints(ByteBuffer body, int count) {
            int[] values = new int[count];
            body.asIntBuffer().get(values);
            body.position(body.position() + count * Integer.BYTES);
            return values;
        }

        /** Of the tokens kept at a position and of all others as one. */
        double divergence(int position, float[] scores) {
            double largest = Double.NEGATIVE_INFINITY;
            for (float score : scores) {
                largest = Math.max(largest, score);
            }
            double sum = 0;
            for (float score : scores) {
                sum += Math.exp(score - largest);
            }
            double divergence = 0;
            double expectedRest = 1;
            double actualRest = 1;
            for (int i = position * top; i < (position + 1) * top; i++) {
                double actual = scores[ids[i]] - largest - Math.log(sum);
                double expected = logprobs[i];
                divergence += Math.exp(expected) * (expected - actual);
                expectedRest -= Math.exp(expected);
                actualRest -= Math.exp(actual);
            }
            // Rounding may leave nothing where the kept tokens have all the mass.
            if (expectedRest > 1e-6 && actualRest > 1e-6) {
                divergence += expectedRest * Math.log(expectedRest / actualRest);
            }
            return divergence;
        }
    }
}
