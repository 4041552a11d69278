package ai.dialog.runner.grammar;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether no value satisfies two schemas at once, so that {@code oneOf} is the same as {@code anyOf}: by their types, by
 * different constants, by a required property with different constants, or by one that the other does not allow.
 */
final class Disjoint {

    /** Deeper down it is never clear: each level may look at every property of both. */
    private static final int MAX_DEPTH = 8;

    /** Looks at two schemas, at one property or at one constant, in all of a compilation: some tenths of a second. */
    private static final int MAX_WORK = 500_000;

    private final UnaryOperator<JsonNode> resolved;
    private int work;

    /** For one compilation. */
    Disjoint(UnaryOperator<JsonNode> resolved) {
        this.resolved = resolved;
    }

    /**
     * Checks each two of the schemas.
     *
     * @throws GrammarException if it is not clear that they have nothing in common
     */
    void check(List<JsonNode> schemas, String pointer) {
        List<JsonNode> flat = schemas.stream().map(resolved).toList();
        for (int i = 0; i < flat.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!areDisjoint(flat.get(i), flat.get(j), 0)) {
                    throw GrammarException.at(
                            pointer,
                            "the parts %d and %d of 'oneOf' may both be satisfied by one value; give them different types or constants, or use 'anyOf'."
                                    .formatted(j, i));
                }
            }
        }
    }

    private boolean areDisjoint(JsonNode a, JsonNode b, int depth) {
        charge(1 + a.path("enum").size() + b.path("enum").size());
        if (!a.isObject() || !b.isObject()) {
            return (a.isBoolean() && !a.booleanValue()) || (b.isBoolean() && !b.booleanValue());
        }
        var typesA = types(a);
        var typesB = types(b);
        if (typesA != null && typesB != null && typesA.stream().noneMatch(type -> meets(type, typesB))) {
            return true;
        }
        var constantsA = constants(a);
        var constantsB = constants(b);
        if (constantsA != null && constantsB != null) {
            return constantsA.stream().noneMatch(constantsB::contains);
        }
        boolean objects = Set.of("object").equals(typesA) && Set.of("object").equals(typesB);
        return objects && depth < MAX_DEPTH && byProperty(a, b, depth);
    }

    /** Whether a property that either requires is not allowed in the other, or cannot have the same value in both. */
    private boolean byProperty(JsonNode a, JsonNode b, int depth) {
        charge(a.path("required").size() + b.path("required").size());
        var names = new LinkedHashSet<String>();
        a.path("required").forEach(name -> names.add(name.asString("")));
        b.path("required").forEach(name -> names.add(name.asString("")));
        for (String name : names) {
            JsonNode inA = a.path("properties").path(name);
            JsonNode inB = b.path("properties").path(name);
            if (inA.isMissingNode() || inB.isMissingNode()) {
                if ((inA.isMissingNode() && isClosed(a)) || (inB.isMissingNode() && isClosed(b))) {
                    return true;
                }
            } else if (areDisjoint(resolved.apply(inA), resolved.apply(inB), depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isClosed(JsonNode schema) {
        JsonNode others = schema.path("additionalProperties");
        return others.isBoolean() && !others.booleanValue();
    }

    private void charge(int more) {
        work += more;
        if (work > MAX_WORK) {
            throw new GrammarException("the parts of 'oneOf' are too many to compare; use 'anyOf'.");
        }
    }

    private static boolean meets(String type, Set<String> others) {
        return others.contains(type)
                || (type.equals("integer") && others.contains("number"))
                || (type.equals("number") && others.contains("integer"));
    }

    private static @Nullable Set<String> types(JsonNode schema) {
        return schema.has("type") ? SchemaMerge.names(schema.get("type")) : null;
    }

    private static @Nullable Set<JsonValue> constants(JsonNode schema) {
        if (schema.has("const")) {
            return Set.of(new JsonValue(schema.get("const")));
        }
        if (!schema.path("enum").isArray()) {
            return null;
        }
        var values = new LinkedHashSet<JsonValue>();
        schema.get("enum").forEach(value -> values.add(new JsonValue(value)));
        return values;
    }
}
