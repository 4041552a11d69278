package ai.dialog.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The default model's tokenizer, from its GGUF file, against Hugging Face's library in Python. The file is the one that the
 * system property {@code ai.dialog.test.model} or {@code AI_DIALOG_TEST_MODEL} names, else it is fetched.
 */
class DefaultModelTokenizerIT {

    @Test
    void idsAndTextEqualThoseOfHuggingFace() {
        try (Checkpoint checkpoint = Checkpoints.open(model());
                Tokenizer tokenizer = Tokenizers.of(checkpoint)) {
            GoldenTokensTest.assertEqual(tokenizer, Fixtures.FOLDER.resolve("golden-default-model.json"));
            assertThat(tokenizer.endOfSequence()).containsExactlyInAnyOrder(0, 2);
            assertThat(tokenizer.beginningOfSequence()).isEqualTo(1);
            assertThat(tokenizer.encode("Hello", true))
                    .as("no mark of its own")
                    .isEqualTo(tokenizer.encode("Hello", false));
            assertThat(tokenizer.vocabularySize()).isEqualTo(49_152);
        }
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
