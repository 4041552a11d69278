package ai.dialog.runner.grammar;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * From JSON Schema (2020-12) to a grammar. What is written satisfies the schema; not all that satisfies it can be written:
 * properties come in the schema's order, an object whose schema names properties has only these unless
 * {@code additionalProperties} says otherwise, and numbers and white space are as {@link JsonText} has them.
 *
 * <p>Every schema becomes one rule, found again by its text, so that a recursive schema ends and repeated parts are drawn
 * once. Bounded by the number of schemas compiled, by the length of each and by {@link GrammarBuilder#MAX_SIZE}.
 */
final class SchemaCompiler {

    /** Parts of one schema, those counted again that come out of {@code allOf} and {@code anyOf}. */
    private static final int MAX_SCHEMAS = 10_000;

    /** Characters of one part, which {@code allOf} can make longer than the caller's whole schema. */
    private static final int MAX_TEXT = 1 << 18;

    private final JsonNode root;
    private final GrammarBuilder grammar;
    private final JsonText json;
    private final Effort effort;
    private final Disjoint disjoint = new Disjoint(this::resolved);
    private final ObjectSchemas objects;
    private final ScalarSchemas scalars;
    private final Map<String, Rule> rules = new HashMap<>();

    private SchemaCompiler(JsonNode root, GrammarBuilder grammar, JsonText json, Effort effort) {
        this.root = root;
        this.grammar = grammar;
        this.json = json;
        this.effort = effort;
        this.objects = new ObjectSchemas(this, grammar, json);
        this.scalars = new ScalarSchemas(grammar, json, effort);
    }

    /**
     * Draws the rule of the values that satisfy a schema.
     *
     * @param effort what all schemas of the grammar may cost
     * @throws GrammarException if the schema has what is not supported or is not valid, or is too large
     */
    static Rule draw(JsonNode schema, GrammarBuilder grammar, JsonText json, Effort effort) {
        try {
            return new SchemaCompiler(schema, grammar, json, effort).rule(schema, "");
        } catch (JacksonException | IllegalArgumentException | ArithmeticException | StackOverflowError e) {
            // what a keyword's value of the wrong kind, or references without end, lead to is the caller's mistake
            throw new GrammarException("the schema is not valid: a keyword has a value that it cannot have.");
        }
    }

    /** The rule of a schema that stands inside a value of another. */
    Rule rule(JsonNode schema, String pointer) {
        return rule(schema, pointer, new LinkedHashSet<>());
    }

    /**
     * The rule of a schema.
     *
     * @param within the schemas of the same value that this one is part of; one that is part of itself is none
     */
    private Rule rule(JsonNode schema, String pointer, Set<String> within) {
        String text = schema.toString();
        effort.charge(text.length());
        if (text.length() > MAX_TEXT || rules.size() >= MAX_SCHEMAS) {
            throw Effort.tooLarge();
        }
        if (within.contains(text)) {
            throw GrammarException.at(pointer, "it refers to itself without a value in between.");
        }
        Rule known = rules.get(text);
        if (known != null) {
            return known;
        }
        Rule rule = grammar.rule();
        rules.put(text, rule);
        within.add(text);
        fill(schema, pointer, rule, within);
        within.remove(text);
        return rule;
    }

    private void fill(JsonNode schema, String pointer, Rule rule, Set<String> within) {
        if (schema.isBoolean()) {
            if (schema.booleanValue()) {
                grammar.call(rule.start(), json.value(), rule.end());
            }
            return;
        }
        if (!schema.isObject()) {
            throw GrammarException.at(pointer, "a schema must be an object or a boolean.");
        }
        Keywords.check(schema, pointer);
        if (!pointer.isEmpty() && schema.has("$id") && schema.toString().contains("\"$ref\"")) {
            throw GrammarException.at(pointer, "an '$id' inside the schema changes what '$ref' means; remove it.");
        }
        if (schema.has("$ref")) {
            together(without(schema, "$ref"), target(schema.get("$ref"), pointer), pointer, rule, within);
        } else if (schema.has("allOf")) {
            all(schema, pointer, rule, within);
        } else if (schema.has("anyOf")) {
            any(schema, "anyOf", pointer, rule, within);
        } else if (schema.has("oneOf")) {
            disjoint.check(array(schema, "oneOf", pointer), pointer);
            any(schema, "oneOf", pointer, rule, within);
        } else if (schema.has("const") || schema.has("enum")) {
            scalars.literals((ObjectNode) schema, pointer, rule);
        } else {
            types(schema, pointer, rule);
        }
    }

    private void all(JsonNode schema, String pointer, Rule rule, Set<String> within) {
        JsonNode merged = without(schema, "allOf");
        var merge = new SchemaMerge(pointer, effort::charge);
        for (JsonNode part : array(schema, "allOf", pointer)) {
            merged = merge.both(merged, flat(part, pointer, 0));
        }
        grammar.call(rule.start(), rule(merged, pointer, within), rule.end());
    }

    private void any(JsonNode schema, String keyword, String pointer, Rule rule, Set<String> within) {
        JsonNode base = without(schema, keyword);
        int i = 0;
        for (JsonNode part : array(schema, keyword, pointer)) {
            together(base, part, pointer + "/" + keyword + "/" + i++, rule, within);
        }
    }

    /** Both of two schemas about the same value. */
    private void together(JsonNode base, JsonNode part, String pointer, Rule rule, Set<String> within) {
        JsonNode both = part;
        if (Keywords.constrains(base)) {
            both = new SchemaMerge(pointer, effort::charge).both(base, flat(part, pointer, 0));
        }
        grammar.call(rule.start(), rule(both, pointer, within), rule.end());
    }

    /** A schema whose own reference is followed, as often as that leads to another one. */
    private JsonNode flat(JsonNode schema, String pointer, int depth) {
        if (!schema.has("$ref")) {
            return schema;
        }
        if (depth > Grammar.MAX_DEPTH) {
            throw GrammarException.at(pointer, "references lead to references without end.");
        }
        JsonNode target = flat(target(schema.get("$ref"), pointer), pointer, depth + 1);
        return new SchemaMerge(pointer, effort::charge).both(without(schema, "$ref"), target);
    }

    private JsonNode resolved(JsonNode schema) {
        return flat(schema, "", 0);
    }

    private JsonNode target(JsonNode reference, String pointer) {
        String to = reference.asString("");
        if (to.equals("#")) {
            return root;
        }
        if (!to.startsWith("#/")) {
            throw GrammarException.at(pointer, "'$ref' must point into the schema itself, such as '#/$defs/name'.");
        }
        String path = URLDecoder.decode(to.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
        JsonNode target = root.at(path);
        if (target.isMissingNode()) {
            throw GrammarException.at(pointer, "'$ref' points to nothing.");
        }
        return target;
    }

    private void types(JsonNode schema, String pointer, Rule rule) {
        for (String type : typesOf(schema)) {
            switch (type) {
                case "object" -> objects.object(schema, pointer, rule);
                case "array" -> objects.array(schema, pointer, rule);
                case "string" -> scalars.string(schema, pointer, rule);
                case "number" -> scalars.number(schema, pointer, false, rule);
                case "integer" -> scalars.number(schema, pointer, true, rule);
                case "boolean" -> scalars.words(rule, "true", "false");
                case "null" -> scalars.words(rule, "null");
                default -> throw GrammarException.at(pointer, "there is no such 'type'.");
            }
        }
    }

    /** The types that a schema names, or else those that its keywords are about, or all. */
    private static Set<String> typesOf(JsonNode schema) {
        if (schema.has("type")) {
            return SchemaMerge.names(schema.get("type"));
        }
        var implied = new LinkedHashSet<String>();
        for (String keyword : schema.propertyNames()) {
            String about = Keywords.KEPT.getOrDefault(keyword, "");
            if (!about.isEmpty()) {
                implied.add(about);
            }
        }
        return implied.isEmpty() ? Set.of("object", "array", "string", "number", "boolean", "null") : implied;
    }

    static List<JsonNode> array(JsonNode schema, String keyword, String pointer) {
        JsonNode array = schema.get(keyword);
        if (!array.isArray() || array.isEmpty()) {
            throw GrammarException.at(pointer, "'%s' must be an array that is not empty.".formatted(keyword));
        }
        var parts = new ArrayList<JsonNode>();
        array.forEach(parts::add);
        return parts;
    }

    /** A count that a keyword gives; null where it is not there. */
    static @Nullable Integer count(JsonNode schema, String keyword, String pointer) {
        JsonNode value = schema.get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()
                || !value.canConvertToExactIntegral()
                || value.decimalValue().signum() < 0) {
            throw GrammarException.at(pointer, "'%s' must be a whole number that is not negative.".formatted(keyword));
        }
        return value.decimalValue().min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
    }

    private static ObjectNode without(JsonNode schema, String keyword) {
        ObjectNode copy = ((ObjectNode) schema).objectNode();
        schema.properties().stream()
                .filter(entry -> !entry.getKey().equals(keyword) && !Keywords.isNote(entry.getKey()))
                .forEach(entry -> copy.set(entry.getKey(), entry.getValue()));
        return copy;
    }
}
