package ai.dialog.runner.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.ModelLoader;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final Path CHECKPOINT = Path.of("../model-loader/src/test/resources/checkpoints/llama-tied-f32");

    /** Longer than the context below, and than one piece of 128 tokens. */
    private static final String TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(12);

    @TempDir
    static Path cache;

    private static LanguageModel load(Precision precision, int contextLength) {
        return load(CHECKPOINT, precision, contextLength);
    }

    private static LanguageModel load(Path checkpoint, Precision precision, int contextLength) {
        return ModelLoader.load(
                checkpoint, new LoadOptions(precision, "cpu", 1, contextLength, 1, cache), Progress.SILENT);
    }

    @Test
    void aModelIsNoDifferentFromItself() {
        try (LanguageModel model = load(Precision.FLOAT32, 200);
                LanguageModel reference = load(Precision.FLOAT32, 200)) {
            Comparison comparison = Comparison.of(model, reference, TEXT);
            assertThat(comparison.divergence()).isZero();
            assertThat(comparison.sameFirst()).isEqualTo(1);
            assertThat(comparison.perplexity()).isEqualTo(comparison.referencePerplexity());
            assertThat(comparison.positions()).isEqualTo(model.tokenizer().encode(TEXT, true).length - 1);
        }
    }

    @Test
    void fewerBitsDivergeAndBothPerplexitiesAreTheOnesOfScoring() {
        try (LanguageModel model = load(Precision.INT8, 200);
                LanguageModel reference = load(Precision.FLOAT32, 200)) {
            Comparison comparison = Comparison.of(model, reference, TEXT);
            assertThat(comparison.precision()).isEqualTo("int8");
            assertThat(comparison.reference()).isEqualTo("float32");
            assertThat(comparison.divergence()).isGreaterThan(1e-6);
            assertThat(comparison.sameFirst()).isBetween(0.0, 1.0);
            assertThat(comparison.perplexity()).isCloseTo(perplexity(model), Offset.offset(1e-6));
            assertThat(comparison.referencePerplexity()).isCloseTo(perplexity(reference), Offset.offset(1e-6));
        }
    }

    @Test
    void aTextIsFramedAsTheModelWasTaught(@TempDir Path folder) throws IOException {
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(CHECKPOINT.resolve(file), folder.resolve(file));
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"LlamaTokenizer\", \"bos_token\": \"<|im_start|>\", \"add_bos_token\": true}");
        try (LanguageModel model = load(folder, Precision.FLOAT32, 200)) {
            int[] framed = model.tokenizer().encode("The quick fox", true);
            int[] plain = model.tokenizer().encode("The quick fox", false);
            assertThat(framed).hasSize(plain.length + 1);
            var score = Scoring.score(model, "The quick fox");
            assertThat(score.tokens())
                    .extracting(Scoring.ScoredToken::id)
                    .containsExactly(Arrays.stream(framed).boxed().toArray(Integer[]::new));
            assertThat(score.tokens().get(1).logprob())
                    .as("the first word is scored")
                    .isNotNull();
            assertThatThrownBy(() -> Scoring.score(model, "")).hasMessageContaining("empty");
        }
    }

    private static double perplexity(LanguageModel model) {
        Double perplexity = Scoring.score(model, TEXT).perplexity();
        assertThat(perplexity).isNotNull();
        return perplexity == null ? 0 : perplexity;
    }

    @Test
    void aTextOfOneTokenAndModelsOfOtherContextsAreRefused() {
        try (LanguageModel model = load(Precision.FLOAT32, 200);
                LanguageModel reference = load(Precision.FLOAT32, 100)) {
            assertThatThrownBy(() -> Comparison.of(model, reference, "a")).hasMessageContaining("less than two tokens");
            assertThatThrownBy(() -> Comparison.of(model, reference, TEXT)).hasMessageContaining("same checkpoint");
        }
    }
}
