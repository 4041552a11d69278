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

    /** Grammars kept. */
    private static final int KEPT = 32;

    /** States of all grammars kept, of about 100 bytes each. */
    private static final int KEPT_SIZE = 400_000;

    /** Characters of a schema. */
    private static final int MAX_SCHEMA = 1 << 17;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Vocabulary vocabulary;
    private final Compiled anyObject;
    private final Map<String, Compiled> grammars = new LinkedHashMap<>(16, 0.75f, true);
    private int size;

    /**
     * For a tokenizer.
     *
     * @param scores how many ids have scores
     */
    public Grammars(Tokenizer tokenizer, int scores) {
        this.vocabulary = new Vocabulary(tokenizer, scores);
        this.anyObject = new Compiled(SchemaCompiler.anyObject(), new TokenMasks(vocabulary));
    }

    /** A grammar and what is known of the tokens that may follow in it. */
    private record Compiled(Grammar grammar, TokenMasks masks) {
        TokenConstraint constraint() {
            return new TokenConstraint(masks, grammar.start());
        }

        int size() {
            return grammar.size();
        }
    }

    /** Any JSON object, as often as it is asked for. */
    public Supplier<TokenConstraint> anyObject() {
        return anyObject::constraint;
    }

    /**
     * What satisfies a JSON Schema, as often as it is asked for.
     *
     * @param schema as JSON; the order of its properties is that of the text
     * @throws GrammarException if it is no schema, has what is not supported, or is too large
     */
    public Supplier<TokenConstraint> schema(String schema) {
        return grammar(schema)::constraint;
    }

    private Compiled grammar(String schema) {
        synchronized (grammars) {
            Compiled known = grammars.get(schema);
            if (known != null) {
                return known;
            }
        }
        if (schema.length() > MAX_SCHEMA) {
            throw new GrammarException(
                    "the schema has %d characters; at most %d are read.".formatted(schema.length(), MAX_SCHEMA));
        }
        var made = new Compiled(compile(read(schema)), new TokenMasks(vocabulary));
        keep(schema, made);
        return made;
    }

    private void keep(String schema, Compiled made) {
        synchronized (grammars) {
            var before = grammars.put(schema, made);
            size += made.size() - (before == null ? 0 : before.size());
            var eldest = grammars.values().iterator();
            while (grammars.size() > KEPT || (size > KEPT_SIZE && grammars.size() > 1)) {
                size -= eldest.next().size();
                eldest.remove();
            }
        }
    }

    /** What a keyword's value of the wrong kind, or references without end, lead to is the caller's mistake, and no fault of ours. */
    private static Grammar compile(JsonNode schema) {
        try {
            return SchemaCompiler.compile(schema);
        } catch (JacksonException | IllegalArgumentException | ArithmeticException | StackOverflowError e) {
            throw new GrammarException("the schema is not valid: a keyword has a value that it cannot have.");
        }
    }

    private static JsonNode read(String schema) {
        try {
            return JSON.readTree(schema);
        } catch (JacksonException e) {
            throw new GrammarException("the schema is no JSON.");
        }
    }
}
