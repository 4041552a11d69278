package ai.dialog.runner.grammar;

import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The keywords of JSON Schema 2020-12: which say nothing about values, which are kept, and which are refused, because to
 * ignore one would let values through that do not satisfy the schema.
 */
final class Keywords {

    /** Say nothing about which values are valid. */
    static final Set<String> NOTES = Set.of(
            "title",
            "description",
            "default",
            "example",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "discriminator",
            "contentMediaType",
            "contentEncoding",
            "contentSchema",
            "$comment",
            "$schema",
            "$id",
            "$anchor",
            "$defs",
            "definitions",
            "strict");

    /** Each with the type of value that it is about; empty for all. */
    static final Map<String, String> KEPT = Map.ofEntries(
            Map.entry("$ref", ""),
            Map.entry("type", ""),
            Map.entry("enum", ""),
            Map.entry("const", ""),
            Map.entry("anyOf", ""),
            Map.entry("oneOf", ""),
            Map.entry("allOf", ""),
            Map.entry("properties", "object"),
            Map.entry("required", "object"),
            Map.entry("additionalProperties", "object"),
            Map.entry("items", "array"),
            Map.entry("prefixItems", "array"),
            Map.entry("minItems", "array"),
            Map.entry("maxItems", "array"),
            Map.entry("minLength", "string"),
            Map.entry("maxLength", "string"),
            Map.entry("pattern", "string"),
            Map.entry("format", "string"),
            Map.entry("minimum", "number"),
            Map.entry("maximum", "number"),
            Map.entry("exclusiveMinimum", "number"),
            Map.entry("exclusiveMaximum", "number"));

    /** Refused, but for a value (as JSON) that says nothing. */
    private static final Map<String, String> HARMLESS = Map.of(
            "uniqueItems", "false",
            "minContains", "1",
            "minProperties", "0",
            "not", "false",
            "dependentRequired", "{}",
            "dependentSchemas", "{}",
            "patternProperties", "{}",
            "propertyNames", "true");

    private Keywords() {}

    static boolean isNote(String keyword) {
        return NOTES.contains(keyword) || keyword.startsWith("x-");
    }

    /**
     * Checks that every keyword of a schema is known and can be kept.
     *
     * @throws GrammarException that names the first that is not
     */
    static void check(JsonNode schema, String pointer) {
        for (var keyword : schema.properties()) {
            String name = keyword.getKey();
            boolean kept = isNote(name)
                    || KEPT.containsKey(name)
                    || keyword.getValue().toString().equals(HARMLESS.get(name));
            if (!kept) {
                throw GrammarException.at(
                        pointer,
                        "the keyword '%s' is not supported; remove it and check it yourself."
                                .formatted(name.length() > 64 ? name.substring(0, 64) : name));
            }
        }
    }

    /** Whether a schema has a keyword that says something about values, of those that are kept. */
    static boolean constrains(JsonNode schema) {
        return schema.propertyNames().stream().anyMatch(KEPT::containsKey);
    }
}
