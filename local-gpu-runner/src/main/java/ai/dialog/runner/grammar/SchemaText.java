package ai.dialog.runner.grammar;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads schemas that callers sent. */
final class SchemaText {

    /** Characters of a schema. */
    private static final int MAX_SCHEMA = 1 << 17;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private SchemaText() {}

    /**
     * A schema.
     *
     * @throws GrammarException if it is no JSON, or too long
     */
    static JsonNode read(String schema) {
        if (schema.length() > MAX_SCHEMA) {
            throw new GrammarException(
                    "the schema has %d characters; at most %d are read.".formatted(schema.length(), MAX_SCHEMA));
        }
        try {
            return JSON.readTree(schema);
        } catch (JacksonException e) {
            throw new GrammarException("the schema is no JSON.");
        }
    }
}
