package ai.dialog.runner.grammar;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A value as JSON Schema compares values: numbers are the same if they are worth the same, so that 1, 1.0 and 10e-1 are one, also
 * inside of arrays and objects.
 */
record JsonValue(JsonNode node) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonValue value && node.equals(JsonValue::difference, value.node);
    }

    @Override
    public int hashCode() {
        return hash(node);
    }

    /** Of values that are no arrays or objects, 0 if they are the same. */
    private static int difference(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue());
        }
        return a.equals(b) ? 0 : 1;
    }

    private static int hash(JsonNode node) {
        if (node.isNumber()) {
            return node.decimalValue().stripTrailingZeros().hashCode();
        }
        if (node.isArray()) {
            return node.valueStream().mapToInt(JsonValue::hash).reduce(1, (all, one) -> 31 * all + one);
        }
        if (node.isObject()) {
            // in whatever order
            return node.properties().stream()
                    .mapToInt(entry -> entry.getKey().hashCode() ^ hash(entry.getValue()))
                    .sum();
        }
        return node.hashCode();
    }
}
