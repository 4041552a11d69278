package ai.dialog.runner.grammar;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One schema that allows what two schemas both allow, for {@code allOf} and for what stands beside {@code anyOf}. */
final class SchemaMerge {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String pointer;
    private final LongConsumer charge;

    /**
     * For one place of a schema.
     *
     * @param charge is told of each merge what it costs, in characters that could be looked at meanwhile; may throw
     */
    SchemaMerge(String pointer, LongConsumer charge) {
        this.pointer = pointer;
        this.charge = charge;
    }

    /** Each keyword and property of both is copied; each two constants are compared, and each two requirements hashed. */
    private static long cost(JsonNode a, JsonNode b) {
        long copied = 0;
        for (JsonNode each : List.of(a, b)) {
            copied += each.size();
            copied += each.path("properties").size()
                    + each.path("required").size()
                    + each.path("allOf").size();
        }
        return 10 * copied + 2L * a.path("enum").size() * b.path("enum").size();
    }

    /**
     * Of two schemas without references.
     *
     * @throws GrammarException if the two have a keyword that cannot be brought together
     */
    JsonNode both(JsonNode a, JsonNode b) {
        if (!a.isObject()) {
            return a.asBoolean() ? b : a;
        }
        if (!b.isObject()) {
            return b.asBoolean() ? a : b;
        }
        charge.accept(cost(a, b));
        ObjectNode merged = JSON.objectNode();
        a.properties().stream()
                .filter(e -> !Keywords.isNote(e.getKey()))
                .forEach(e -> merged.set(e.getKey(), e.getValue()));
        for (var entry : b.properties()) {
            String keyword = entry.getKey();
            JsonNode mine = merged.get(keyword);
            if (Keywords.isNote(keyword) || keyword.equals("properties") || keyword.equals("additionalProperties")) {
                continue;
            }
            JsonNode one = mine == null ? entry.getValue() : keyword(keyword, mine, entry.getValue());
            if (one == null) {
                return JSON.booleanNode(false);
            }
            merged.set(keyword, one);
        }
        properties(merged, a, b);
        return merged;
    }

    /** One value of a keyword for two; null if no value satisfies both. */
    private @Nullable JsonNode keyword(String keyword, JsonNode a, JsonNode b) {
        if (a.equals(b)) {
            return a;
        }
        return switch (keyword) {
            case "required" -> union(a, b);
            case "minimum", "exclusiveMinimum" -> a.decimalValue().compareTo(b.decimalValue()) >= 0 ? a : b;
            case "minLength", "minItems" -> a.asLong() >= b.asLong() ? a : b;
            case "maximum", "exclusiveMaximum" -> a.decimalValue().compareTo(b.decimalValue()) <= 0 ? a : b;
            case "maxLength", "maxItems" -> a.asLong() <= b.asLong() ? a : b;
            case "const" -> new JsonValue(a).equals(new JsonValue(b)) ? a : null;
            case "enum" -> intersection(a, b);
            case "type" -> types(a, b);
            case "items" -> both(List.of(a, b));
            case "allOf" -> union(a, b);
            default ->
                throw GrammarException.at(
                        pointer, "two different values of '%s' cannot be brought together.".formatted(keyword));
        };
    }

    /** A property that one of the two does not name must satisfy that one's {@code additionalProperties}. */
    private static void properties(ObjectNode merged, JsonNode a, JsonNode b) {
        Set<String> names = new LinkedHashSet<>(a.path("properties").propertyNames());
        names.addAll(b.path("properties").propertyNames());
        if (a.has("properties") || b.has("properties")) {
            ObjectNode properties = JSON.objectNode();
            for (String name : names) {
                var parts = new ArrayList<JsonNode>();
                for (JsonNode side : List.of(a, b)) {
                    JsonNode own = side.path("properties").get(name);
                    JsonNode part = own == null ? side.get("additionalProperties") : own;
                    if (part != null) {
                        parts.add(part);
                    }
                }
                properties.set(name, both(parts));
            }
            merged.set("properties", properties);
        }
        var rest = new ArrayList<JsonNode>();
        for (JsonNode side : List.of(a, b)) {
            if (side.has("additionalProperties")) {
                rest.add(side.get("additionalProperties"));
            }
        }
        if (!rest.isEmpty()) {
            merged.set("additionalProperties", both(rest));
        }
    }

    private static JsonNode both(List<JsonNode> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        var distinct = new LinkedHashSet<>(parts);
        if (distinct.contains(JSON.booleanNode(false))) {
            return JSON.booleanNode(false);
        }
        if (distinct.size() > 1) {
            distinct.remove(JSON.booleanNode(true));
        }
        if (distinct.size() == 1) {
            return distinct.getFirst();
        }
        ObjectNode all = JSON.objectNode();
        all.set("allOf", JSON.arrayNode().addAll(distinct));
        return all;
    }

    private static JsonNode union(JsonNode a, JsonNode b) {
        var all = new LinkedHashSet<JsonNode>();
        a.forEach(all::add);
        b.forEach(all::add);
        return JSON.arrayNode().addAll(all);
    }

    private static @Nullable JsonNode intersection(JsonNode a, JsonNode b) {
        for (JsonNode side : List.of(a, b)) {
            if (!side.isArray() || side.isEmpty()) {
                // is refused where it is drawn
                return side;
            }
        }
        ArrayNode common = JSON.arrayNode();
        for (JsonNode value : a) {
            if (b.valueStream().map(JsonValue::new).anyMatch(new JsonValue(value)::equals)) {
                common.add(value);
            }
        }
        return common.isEmpty() ? null : common;
    }

    private static JsonNode types(JsonNode a, JsonNode b) {
        ArrayNode common = JSON.arrayNode();
        for (String type : names(a)) {
            String narrower = common(type, names(b));
            if (narrower != null
                    && common.valueStream().noneMatch(t -> t.asString().equals(narrower))) {
                common.add(narrower);
            }
        }
        return common;
    }

    private static @Nullable String common(String type, Set<String> others) {
        if (others.contains(type) || (type.equals("integer") && others.contains("number"))) {
            return type;
        }
        return type.equals("number") && others.contains("integer") ? "integer" : null;
    }

    /** The types of a {@code type}, one or several. */
    static Set<String> names(JsonNode type) {
        var names = new LinkedHashSet<String>();
        if (type.isArray()) {
            type.forEach(name -> names.add(name.asString()));
        } else {
            names.add(type.asString());
        }
        return names;
    }
}
