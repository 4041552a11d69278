package ai.dialog.runner.grammar;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Draws schemas of strings and numbers, and of constants. */
final class ScalarSchemas {

    /** A longer {@code maxLength} allows no more than this; a longer {@code minLength} is refused. */
    static final int MAX_LENGTH = 10_000;

    private final GrammarBuilder grammar;
    private final JsonText json;
    private final Effort effort;

    ScalarSchemas(GrammarBuilder grammar, JsonText json, Effort effort) {
        this.grammar = grammar;
        this.json = json;
        this.effort = effort;
    }

    void words(Rule rule, String... words) {
        for (String word : words) {
            grammar.skip(grammar.text(rule.start(), word.getBytes(StandardCharsets.US_ASCII)), rule.end());
        }
    }

    /** The values of {@code const} and {@code enum}, of the types that the schema allows. */
    void literals(JsonNode schema, String pointer, Rule rule) {
        for (String keyword : schema.propertyNames()) {
            if (Keywords.KEPT.containsKey(keyword)
                    && !Set.of("const", "enum", "type").contains(keyword)) {
                throw GrammarException.at(
                        pointer, "'%s' beside 'enum' or 'const' is not supported; leave it out.".formatted(keyword));
            }
        }
        var values = new LinkedHashSet<JsonNode>();
        if (schema.has("enum")) {
            values.addAll(SchemaCompiler.array(schema, "enum", pointer));
        }
        if (schema.has("const")) {
            JsonNode only = schema.get("const");
            boolean possible =
                    values.isEmpty() || values.stream().map(JsonValue::new).anyMatch(new JsonValue(only)::equals);
            values.clear();
            if (possible) {
                values.add(only);
            }
        }
        var prefixes = new Prefixes();
        for (JsonNode value : values) {
            if (!schema.has("type") || hasType(value, SchemaMerge.names(schema.get("type")))) {
                grammar.skip(literal(rule.start(), JsonText.bytes(value), prefixes), rule.end());
            }
        }
    }

    /** Draws what several constants begin with only once. */
    private int literal(int from, byte[] bytes, Prefixes prefixes) {
        effort.charge(bytes.length);
        int at = from;
        for (byte b : bytes) {
            int before = at;
            at = prefixes.after(before, b & 0xff, () -> grammar.text(before, new byte[] {b}));
        }
        return at;
    }

    private static boolean hasType(JsonNode value, Set<String> types) {
        for (String type : types) {
            boolean is = switch (type) {
                case "object" -> value.isObject();
                case "array" -> value.isArray();
                case "string" -> value.isString();
                case "number" -> value.isNumber();
                case "integer" -> value.isNumber() && value.canConvertToExactIntegral();
                case "boolean" -> value.isBoolean();
                default -> value.isNull();
            };
            if (is) {
                return true;
            }
        }
        return false;
    }

    void string(JsonNode schema, String pointer, Rule rule) {
        Integer least = SchemaCompiler.count(schema, "minLength", pointer);
        Integer most = SchemaCompiler.count(schema, "maxLength", pointer);
        boolean counted = most != null || (least != null && least > 0);
        Pattern pattern = pattern(schema, pointer);
        if (pattern != null) {
            if (counted) {
                throw GrammarException.at(
                        pointer,
                        "'minLength' and 'maxLength' beside 'pattern' or 'format' are not supported; say it in the pattern, {m,n}.");
            }
            int close = grammar.node();
            pattern.draw(grammar, json.after(rule.start(), '"'), close);
            grammar.ascii(close, '"', rule.end());
        } else if (counted) {
            counted(least == null ? 0 : least, most, pointer, rule);
        } else {
            json.string(rule.start(), rule.end());
        }
    }

    private static @Nullable Pattern pattern(JsonNode schema, String pointer) {
        JsonNode pattern = schema.get("pattern");
        JsonNode format = schema.get("format");
        if (pattern != null && format != null) {
            throw GrammarException.at(pointer, "'pattern' and 'format' together are not supported; use one of them.");
        }
        if (pattern != null) {
            return PatternReader.read(text(pattern, "pattern", pointer), pointer);
        }
        if (format == null) {
            return null;
        }
        Pattern known = Formats.pattern(text(format, "format", pointer));
        if (known == null) {
            throw GrammarException.at(
                    pointer,
                    "this 'format' is not supported; supported are %s.".formatted(String.join(", ", Formats.names())));
        }
        return known;
    }

    private static String text(JsonNode value, String keyword, String pointer) {
        if (!value.isString()) {
            throw GrammarException.at(pointer, "'%s' must be a string.".formatted(keyword));
        }
        return value.stringValue();
    }

    private void counted(int least, @Nullable Integer most, String pointer, Rule rule) {
        if (least > MAX_LENGTH) {
            throw GrammarException.at(pointer, "'minLength' may be at most %d.".formatted(MAX_LENGTH));
        }
        int close = grammar.node();
        grammar.ascii(close, '"', rule.end());
        int at = json.after(rule.start(), '"');
        int last = most == null ? least : Math.min(most, MAX_LENGTH);
        for (int i = 0; i < last; i++) {
            if (i >= least) {
                grammar.skip(at, close);
            }
            int next = grammar.node();
            grammar.call(at, json.character(), next);
            at = next;
        }
        if (most != null) {
            // a shortest string longer than the longest leaves none
            if (least <= last) {
                grammar.skip(at, close);
            }
            return;
        }
        json.character(at, at);
        grammar.skip(at, close);
    }

    void number(JsonNode schema, String pointer, boolean whole, Rule rule) {
        BigDecimal least = bound(schema, "minimum", "exclusiveMinimum", true, pointer);
        BigDecimal most = bound(schema, "maximum", "exclusiveMaximum", false, pointer);
        if (least == null && most == null) {
            if (whole) {
                json.integer(rule.start(), rule.end());
            } else {
                json.number(rule.start(), rule.end());
            }
            return;
        }
        NumberRange.between(least, most, whole).draw(grammar, rule.start(), rule.end());
    }

    /** The narrower of two bounds, with that itself inside. */
    private static @Nullable BigDecimal bound(
            JsonNode schema, String inclusive, String exclusive, boolean lower, String pointer) {
        BigDecimal bound = null;
        for (String keyword : new String[] {inclusive, exclusive}) {
            JsonNode value = schema.get(keyword);
            if (value == null) {
                continue;
            }
            if (!value.isNumber()) {
                throw GrammarException.at(pointer, "'%s' must be a number.".formatted(keyword));
            }
            BigDecimal other = value.decimalValue();
            if (!NumberRange.fits(other)) {
                throw GrammarException.at(
                        pointer,
                        "'%s' has more than %d digits before or after its point."
                                .formatted(keyword, JsonText.MAX_DIGITS));
            }
            if (keyword.equals(exclusive)) {
                other = NumberRange.beyond(other, lower);
            }
            if (bound == null) {
                bound = other;
            } else {
                bound = lower ? bound.max(other) : bound.min(other);
            }
        }
        return bound;
    }
}
