package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON that comes with a checkpoint, bounded in size, depth and number of tokens. */
final class JsonFile {

    /** Bytes; the largest tokenizer_config.json and safetensors headers of today have a few. */
    static final int LARGEST = 16 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxTokenCount(2_000_000)
                            .maxStringLength(LARGEST)
                            .maxNameLength(4_096)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .build();

    private JsonFile() {}

    /**
     * Reads a small file that holds one JSON object.
     *
     * @throws ModelException if it is absent, unreadable, too large or no JSON object
     */
    static JsonNode readObject(Path path) {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw PathReport.notFound(path);
        }
        try {
            if (Files.size(path) > LARGEST) {
                throw new ModelException(
                        path + " has " + Files.size(path) + " bytes; at most " + LARGEST + " are read");
            }
            return parseObject(Files.readAllBytes(path), path);
        } catch (IOException e) {
            throw new ModelException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Parses bytes that hold one JSON object. */
    static JsonNode parseObject(byte[] json, Path path) {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node == null || !node.isObject()) {
                throw new ModelException(path + " is not a JSON object");
            }
            return node;
        } catch (JacksonException e) {
            throw invalid(path.toString(), e);
        }
    }

    /** A parser over bytes, for what is too large for a tree. */
    static JsonParser parser(byte[] json) {
        return MAPPER.createParser(json);
    }

    /** The error for text that is not JSON, or beyond the bounds. */
    static ModelException invalid(String what, JacksonException e) {
        return new ModelException(what + " is not valid JSON: " + Quoted.clean(e.getOriginalMessage(), 200), e);
    }
}
