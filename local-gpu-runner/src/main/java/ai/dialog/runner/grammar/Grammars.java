package ai.dialog.runner.grammar;

import ai.dialog.model.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The grammars for one vocabulary: made when a schema is first asked for, the last ones kept. Thread-safe. */
public final class Grammars {

    /** Grammars kept. One has a few hundred kilobytes, and up to some megabytes at the bounds of its size. */
    private static final int KEPT = 32;

    /** Characters of a schema. */
    private static final int MAX_SCHEMA = 1 << 17;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final TokenMasks masks;
    private final Grammar anyObject = SchemaCompiler.anyObject();
    private final Map<String, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Grammar> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * For a tokenizer.
     *
     * @param size how many ids have scores
     */
    public Grammars(Tokenizer tokenizer, int size) {
        this.masks = new TokenMasks(new Vocabulary(tokenizer, size));
    }

    /** Any JSON object, as often as it is asked for. */
    public Supplier<TokenConstraint> anyObject() {
        return () -> new TokenConstraint(masks, anyObject);
    }

    /**
     * What satisfies a JSON Schema, as often as it is asked for.
     *
     * @param schema as JSON; the order of its properties is that of the text
     * @throws GrammarException if it is no schema, has what is not supported, or is too large
     */
    public Supplier<TokenConstraint> schema(String schema) {
        Grammar grammar = grammar(schema);
        return () -> new TokenConstraint(masks, grammar);
    }

    private Grammar grammar(String schema) {
        synchronized (grammars) {
            Grammar known = grammars.get(schema);
            if (known != null) {
                return known;
            }
        }
        if (schema.length() > MAX_SCHEMA) {
            throw new GrammarException(
                    "the schema has %d characters; at most %d are read.".formatted(schema.length(), MAX_SCHEMA));
        }
        Grammar made = SchemaCompiler.compile(read(schema));
        synchronized (grammars) {
            grammars.put(schema, made);
        }
        return made;
    }

    private static JsonNode read(String schema) {
        try {
            return JSON.readTree(schema);
        } catch (JacksonException e) {
            throw new GrammarException("the schema is no JSON.");
        }
    }
}
