package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.GgufVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Opens the tokenizer of a checkpoint. */
public final class Tokenizers {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** The largest published ones, of 260,000 tokens, have 33 MB. */
    private static final long MAX_FILE = 128L << 20;

    private Tokenizers() {}

    /**
     * Opens the tokenizer that a checkpoint carries: GGUF's own vocabulary, or {@code tokenizer.json} beside safetensors,
     * with {@code tokenizer_config.json}, {@code generation_config.json} and {@code config.json} where they are.
     *
     * @return to be closed by the caller
     * @throws ModelException if there is none, or it is broken or of a kind that is not supported
     */
    public static Tokenizer of(Checkpoint checkpoint) {
        GgufVocabulary vocabulary = checkpoint.vocabulary();
        int modelVocabulary = checkpoint.config().vocabularySize();
        Path path = checkpoint.path();
        if (vocabulary != null) {
            String origin = String.valueOf(path.getFileName());
            ObjectNode json = GgufTokenizerJson.write(vocabulary, origin);
            TokenizerDefinition tokens = TokenizerDefinition.read(json, modelVocabulary, origin);
            return new BpeTokenizer(tokens, SequenceMarks.of(vocabulary, tokens), origin);
        }
        Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        Path file = folder == null ? path : folder.resolve("tokenizer.json");
        if (folder == null || !Files.isRegularFile(file)) {
            throw new ModelException("no tokenizer: there is no file " + file
                    + ". Put the model's tokenizer.json beside its weights, or use its GGUF file.");
        }
        String origin = file.toString();
        TokenizerDefinition tokens = TokenizerDefinition.read(read(file), modelVocabulary, origin);
        SequenceMarks marks = SequenceMarks.of(
                tokens,
                optional(folder.resolve("tokenizer_config.json")),
                optional(folder.resolve("generation_config.json")),
                optional(folder.resolve("config.json")));
        return new BpeTokenizer(tokens, marks, origin);
    }

    private static ObjectNode optional(Path file) {
        return Files.isRegularFile(file) ? read(file) : JSON.createObjectNode();
    }

    private static ObjectNode read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new ModelException(
                        file + " has " + Files.size(file) + " bytes; at most " + MAX_FILE + " are read");
            }
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return object;
            }
            throw new ModelException(file + " is no JSON object");
        } catch (JacksonException e) {
            throw new ModelException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException(file + " cannot be read: " + e, e);
        }
    }
}
