package ai.dialog.runner.grammar;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Draws schemas of objects and arrays. */
final class ObjectSchemas {

    /** A larger {@code maxItems} allows no more than this; a larger {@code minItems} is refused. */
    static final int MAX_ITEMS = 1_000;

    private static final JsonNode ANYTHING = JsonNodeFactory.instance.booleanNode(true);

    private final SchemaCompiler schemas;
    private final GrammarBuilder grammar;
    private final JsonText json;

    ObjectSchemas(SchemaCompiler schemas, GrammarBuilder grammar, JsonText json) {
        this.schemas = schemas;
        this.grammar = grammar;
        this.json = json;
    }

    /**
     * Properties in the schema's order, each of which may be left out unless it is required. There are two nodes before
     * each: one where nothing was written yet, and one where a comma must come first.
     */
    void object(JsonNode schema, String pointer, Rule rule) {
        Set<String> required = required(schema, pointer);
        JsonNode rest = schema.get("additionalProperties");
        Map<String, JsonNode> properties = properties(schema, pointer);
        if (properties.isEmpty() && required.isEmpty() && (rest == null || rest.equals(ANYTHING))) {
            grammar.call(rule.start(), json.object(), rule.end());
            return;
        }
        required.forEach(name -> properties.putIfAbsent(name, rest == null ? ANYTHING : rest));
        int first = json.space(json.after(rule.start(), '{'));
        int later = grammar.node();
        for (var property : properties.entrySet()) {
            String name = property.getKey();
            Rule value = schemas.rule(property.getValue(), pointer + "/properties/" + escaped(name));
            int key = grammar.node();
            int nextFirst = grammar.node();
            int nextLater = grammar.node();
            grammar.skip(first, key);
            grammar.skip(json.comma(later), key);
            int colon = grammar.text(key, JsonText.quoted(name));
            grammar.call(json.colon(colon), value, nextLater);
            if (!required.contains(name)) {
                grammar.skip(first, nextFirst);
                grammar.skip(later, nextLater);
            }
            first = nextFirst;
            later = nextLater;
        }
        if (rest != null && !(rest.isBoolean() && !rest.booleanValue())) {
            int more = grammar.node();
            int key = grammar.node();
            grammar.skip(first, key);
            grammar.skip(json.comma(later), key);
            int colon = otherName(key, properties.keySet());
            grammar.call(json.colon(colon), schemas.rule(rest, pointer + "/additionalProperties"), more);
            grammar.skip(more, later);
        }
        grammar.ascii(first, '}', rule.end());
        json.close(later, '}', rule.end());
    }

    private static Map<String, JsonNode> properties(JsonNode schema, String pointer) {
        JsonNode properties = schema.path("properties");
        if (!properties.isObject() && !properties.isMissingNode()) {
            throw GrammarException.at(pointer, "'properties' must be an object.");
        }
        var all = new LinkedHashMap<String, JsonNode>();
        properties.properties().forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }

    private static Set<String> required(JsonNode schema, String pointer) {
        JsonNode required = schema.path("required");
        if (!required.isArray() && !required.isMissingNode()) {
            throw GrammarException.at(pointer, "'required' must be an array of names.");
        }
        var names = new LinkedHashSet<String>();
        for (JsonNode name : required) {
            if (!name.isString()) {
                throw GrammarException.at(pointer, "'required' must be an array of names.");
            }
            names.add(name.stringValue());
        }
        return names;
    }

    /** A name that is none of these; written without escapes, which could spell one of them. */
    private int otherName(int from, Set<String> taken) {
        int open = json.after(from, '"');
        int other = grammar.node();
        int end = grammar.node();
        var prefixes = new Prefixes();
        Set<Integer> nodes = new LinkedHashSet<>(Set.of(open));
        Set<Integer> ended = new HashSet<>();
        for (String name : taken) {
            byte[] quoted = JsonText.quoted(name);
            int at = open;
            for (int i = 1; i < quoted.length - 1; i++) {
                at = prefixes.after(at, quoted[i] & 0xff, grammar::node);
                nodes.add(at);
            }
            ended.add(at);
        }
        for (int node : nodes) {
            leave(node, prefixes, other);
            if (!ended.contains(node) && node != open) {
                grammar.ascii(node, '"', end);
            }
        }
        plain(other, other);
        grammar.ascii(other, '"', end);
        return end;
    }

    /** From inside a taken name: on with it, or by another byte of ASCII to where every name is free. */
    private void leave(int node, Prefixes prefixes, int other) {
        for (int b = 0; b < 256; b++) {
            Integer next = prefixes.after(node, b);
            if (next != null) {
                grammar.bytes(node, b, b, next);
            } else if (b >= ' ' && b < 0x7F && b != '"' && b != '\\') {
                grammar.bytes(node, b, b, other);
            }
        }
    }

    private void plain(int from, int to) {
        Utf8.range(grammar, from, ' ', '"' - 1, to);
        Utf8.range(grammar, from, '"' + 1, '\\' - 1, to);
        Utf8.range(grammar, from, '\\' + 1, Character.MAX_CODE_POINT, to);
    }

    /** First the items of {@code prefixItems}, then those of {@code items}, as many as there may be. */
    void array(JsonNode schema, String pointer, Rule rule) {
        Integer given = SchemaCompiler.count(schema, "minItems", pointer);
        Integer most = SchemaCompiler.count(schema, "maxItems", pointer);
        int least = given == null ? 0 : given;
        if (least > MAX_ITEMS) {
            throw GrammarException.at(pointer, "'minItems' may be at most %d.".formatted(MAX_ITEMS));
        }
        JsonNode items = schema.has("items") ? schema.get("items") : ANYTHING;
        JsonNode prefix = schema.path("prefixItems");
        if (items.isArray()) {
            throw GrammarException.at(pointer, "'items' must be a schema; for a list of schemas use 'prefixItems'.");
        }
        if (schema.has("prefixItems") && !prefix.isArray()) {
            throw GrammarException.at(pointer, "'prefixItems' must be an array of schemas.");
        }
        int end = rule.end();
        int open = json.space(json.after(rule.start(), '['));
        int at = open;
        int counted = most == null ? Math.max(least, prefix.size()) : Math.min(most, MAX_ITEMS);
        for (int i = 0; i < counted; i++) {
            if (i >= least) {
                close(at, i, end);
            }
            boolean own = i < prefix.size();
            Rule item = schemas.rule(own ? prefix.get(i) : items, pointer + (own ? "/prefixItems/" + i : "/items"));
            int next = grammar.node();
            grammar.call(i == 0 ? at : json.comma(at), item, next);
            at = next;
        }
        if (least <= counted) {
            close(at, counted, end);
        }
        if (most == null) {
            more(at, counted, schemas.rule(items, pointer + "/items"), end);
        }
    }

    private void more(int from, int before, Rule item, int end) {
        int loop = grammar.node();
        grammar.call(before == 0 ? from : json.comma(from), item, loop);
        grammar.call(json.comma(loop), item, loop);
        json.close(loop, ']', end);
    }

    private void close(int from, int items, int end) {
        if (items == 0) {
            grammar.ascii(from, ']', end);
        } else {
            json.close(from, ']', end);
        }
    }

    private static String escaped(String name) {
        String cut = name.length() > 64 ? name.substring(0, 64) : name;
        return cut.replace("~", "~0").replace("/", "~1");
    }
}
