package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;

/** Loads checkpoints for tests, without tokenizer or template, and compares scores. */
final class TorchModels {
    private TorchModels() {}

    static LanguageModel load(Checkpoint checkpoint, Precision precision, int slots, Path cache) {
        LoadOptions options = new LoadOptions(precision, "cpu", slots, null, 1, cache);
        return settled(TorchLoader.load(checkpoint, NoTokenizer::new, new NoTemplate(), options, Progress.SILENT));
    }

    /** As {@link #load}, with a bound on the memory of keys and values. */
    static LanguageModel load(Checkpoint checkpoint, int slots, long cacheBytes, Path cache) {
        LoadOptions options = new LoadOptions(Precision.FLOAT32, "cpu", slots, null, 1, cache, cacheBytes);
        return settled(TorchLoader.load(checkpoint, NoTokenizer::new, new NoTemplate(), options, Progress.SILENT));
    }

    private static LanguageModel settled(LanguageModel model) {
        model.settleAll();
        return model;
    }

    /** As {@link #load}, but with a kernel of one's own choice, and what is put off at load not done yet. */
    static LanguageModel load(Checkpoint checkpoint, Precision precision, TorchLoader.Way way, Path cache) {
        LoadOptions options = new LoadOptions(precision, "cpu", 4, null, 1, cache);
        var engine = TorchEngine.start(1, Progress.SILENT);
        return TorchLoader.load(
                checkpoint,
                NoTokenizer::new,
                new NoTemplate(),
                options,
                Progress.SILENT,
                engine,
                Device.cpu(),
                precision,
                List.of(way));
    }

    /** All rows of some scores, which are closed. */
    static float[][] rows(LanguageModel model, Scores scores) {
        try (scores) {
            float[][] rows = new float[scores.rows()][model.info().vocabularySize()];
            for (int i = 0; i < rows.length; i++) {
                scores.copyRow(i, rows[i]);
            }
            return rows;
        }
    }

    /** The scores after each of some tokens, from one prefill. */
    static float[][] score(LanguageModel model, int[] tokens) {
        try (Sequence sequence = model.open()) {
            return rows(model, model.prefill(sequence, tokens, true));
        }
    }

    static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("score of token %d", i).isCloseTo(expected[i], Offset.offset(tolerance));
        }
    }

    private static final class NoTemplate implements ChatTemplate {
        @Override
        public String render(Map<String, ?> variables) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String source() {
            return "";
        }
    }

    private static final class NoTokenizer implements Tokenizer {
        @Override
        public int[] encode(String text, boolean addSpecial) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(int[] ids) {
            throw new UnsupportedOperationException();
        }

        @Override
        public StreamDecoder streamDecoder() {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] bytes(int id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isSpecial(int id) {
            return false;
        }

        @Override
        public Set<Integer> endOfSequence() {
            return Set.of();
        }

        @Override
        public @Nullable Integer beginningOfSequence() {
            return null;
        }

        @Override
        public int vocabularySize() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
