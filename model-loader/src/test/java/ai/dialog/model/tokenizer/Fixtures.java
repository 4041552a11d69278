package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.GgufVocabulary;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.ModelTraits;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The small vocabularies that {@code make_tokenizer_golden.py} makes, and checkpoints that hold nothing else. */
final class Fixtures {

    static final Path FOLDER = Path.of("src/test/resources/tokenizer");
    static final Path BYTE_LEVEL = FOLDER.resolve("bytelevel");
    static final Path SENTENCE_PIECE = FOLDER.resolve("sentencepiece");

    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * One text with what Hugging Face's library makes of it.
     *
     * @param decoded what its decoder makes of the ids, special tokens left out
     */
    record Golden(String text, List<Integer> ids, String decoded) {
        int[] array() {
            return ids.stream().mapToInt(id -> id).toArray();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A checkpoint of which only the tokenizer's part is there. */
    record VocabularyOnly(Path path, @Nullable GgufVocabulary vocabulary, int vocabularySize) implements Checkpoint {

        @Override
        public String format() {
            return vocabulary == null ? "safetensors" : "gguf";
        }

        @Override
        public String name() {
            return "fixture";
        }

        @Override
        public String sha256() {
            return "0".repeat(64);
        }

        @Override
        public ModelConfig config() {
            return new ModelConfig(
                    "llama",
                    1,
                    8,
                    1,
                    1,
                    8,
                    8,
                    vocabularySize,
                    64,
                    1e-5,
                    List.of(1.0, 0.1, 0.01, 0.001),
                    1,
                    true,
                    ModelTraits.plain(8));
        }

        @Override
        public Set<String> tensorNames() {
            return Set.of();
        }

        @Override
        public long[] shape(String name) {
            throw new ModelException("no tensor " + name);
        }

        @Override
        public void read(String name, float[] target) {
            throw new ModelException("no tensor " + name);
        }

        @Override
        public @Nullable String chatTemplate() {
            return null;
        }

        @Override
        public void close() {}
    }

    private Fixtures() {}

    static List<Golden> golden(Path file) {
        return List.of(JSON.readValue(file.toFile(), Golden[].class));
    }

    static GgufVocabulary vocabulary(Path folder) {
        return JSON.readValue(folder.resolve("vocabulary.json").toFile(), GgufVocabulary.class);
    }

    /** From tokenizer.json and the files beside it. */
    static Tokenizer ofFolder(Path folder) {
        return Tokenizers.of(new VocabularyOnly(folder, null, 1 << 20));
    }

    static Tokenizer ofGguf(GgufVocabulary vocabulary) {
        return Tokenizers.of(new VocabularyOnly(Path.of("fixture.gguf"), vocabulary, 1 << 20));
    }

    /** The same vocabulary under another pre-tokenizer's name. */
    static GgufVocabulary withPre(GgufVocabulary of, String pre) {
        return new GgufVocabulary(
                of.model(),
                pre,
                of.tokens(),
                of.types(),
                of.scores(),
                of.merges(),
                of.bos(),
                of.eos(),
                of.eot(),
                of.unknown(),
                of.addBos(),
                of.addEos(),
                of.addSpacePrefix());
    }

    /** The same vocabulary with another word on the spaces and the marks around a text. */
    static GgufVocabulary withFlags(
            GgufVocabulary of, @Nullable Boolean addBos, @Nullable Boolean addEos, @Nullable Boolean addSpacePrefix) {
        return new GgufVocabulary(
                of.model(),
                of.pre(),
                of.tokens(),
                of.types(),
                of.scores(),
                of.merges(),
                of.bos(),
                of.eos(),
                of.eot(),
                of.unknown(),
                addBos,
                addEos,
                addSpacePrefix);
    }
}
