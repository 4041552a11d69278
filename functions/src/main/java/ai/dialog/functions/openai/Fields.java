package ai.dialog.functions.openai;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of one JSON object with exactly the type that they must have: a string is never taken for a number,
 * nor 1.5 for 1 (but 1.0 is). A field that is absent or null reads as null. Errors name the field by its full path.
 */
final class Fields {

    /** Of an unknown name, what is repeated in the refusal. */
    private static final int MAX_NAME = 64;

    private final JsonNode object;
    private final String prefix;

    private Fields(JsonNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** The fields of a request body. */
    static Fields ofBody(@Nullable JsonNode body) {
        if (body == null || !body.isObject()) {
            throw new InvalidRequestException("The request body must be a JSON object.", null, "invalid_type");
        }
        return new Fields(body, "");
    }

    /** The fields of an object that is the value of {@code path}. */
    static Fields of(JsonNode value, String path) {
        if (!value.isObject()) {
            throw InvalidRequestException.wrongType(path, "an object", value);
        }
        return new Fields(value, path + ".");
    }

    String path(String name) {
        return prefix + name;
    }

    /** The value as it is, null where it is absent or null. */
    @Nullable
    JsonNode value(String name) {
        var value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    JsonNode required(String name) {
        var value = value(name);
        if (value == null) {
            throw InvalidRequestException.missing(path(name));
        }
        return value;
    }

    @Nullable
    String string(String name) {
        var value = value(name);
        return value == null ? null : string(value, path(name));
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(bool(name));
    }

    @Nullable
    Boolean bool(String name) {
        var value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw InvalidRequestException.wrongType(path(name), "a boolean", value);
        }
        return value.booleanValue();
    }

    @Nullable
    Integer integer(String name) {
        var value = value(name);
        return value == null ? null : integer(value, path(name));
    }

    @Nullable
    Long longInteger(String name) {
        var value = value(name);
        if (value == null) {
            return null;
        }
        if (!isWhole(value)) {
            throw InvalidRequestException.wrongType(path(name), "a whole number", value);
        }
        if (!value.canConvertToLong()) {
            throw InvalidRequestException.invalidValue(
                    path(name), "it must be between %d and %d.".formatted(Long.MIN_VALUE, Long.MAX_VALUE));
        }
        return value.longValue();
    }

    @Nullable
    Double number(String name) {
        var value = value(name);
        return value == null ? null : number(value, path(name));
    }

    /** Strings from one string or an array of them; empty where the field is absent. */
    List<String> strings(String name) {
        var value = value(name);
        if (value == null) {
            return List.of();
        }
        if (value.isString()) {
            return List.of(string(value, path(name)));
        }
        if (!value.isArray()) {
            throw InvalidRequestException.wrongType(path(name), "a string or an array of strings", value);
        }
        return strings(value, path(name));
    }

    /** An array of strings; null where the field is absent, which is another thing than empty. */
    @Nullable
    List<String> array(String name) {
        var value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isArray()) {
            throw InvalidRequestException.wrongType(path(name), "an array of strings", value);
        }
        return strings(value, path(name));
    }

    private static List<String> strings(JsonNode array, String path) {
        var strings = new ArrayList<String>(array.size());
        for (int i = 0; i < array.size(); i++) {
            strings.add(string(array.get(i), path + "[" + i + "]"));
        }
        return List.copyOf(strings);
    }

    /** Refuses a field that is none of these. */
    void only(String... known) {
        for (String name : object.propertyNames()) {
            if (!List.of(known).contains(name)) {
                throw InvalidRequestException.unknown(
                        path(name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name));
            }
        }
    }

    static String string(JsonNode value, String path) {
        if (!value.isString()) {
            throw InvalidRequestException.wrongType(path, "a string", value);
        }
        return wellFormed(value.stringValue(), path);
    }

    static int integer(JsonNode value, String path) {
        if (!isWhole(value)) {
            throw InvalidRequestException.wrongType(path, "a whole number", value);
        }
        if (!value.canConvertToInt()) {
            throw InvalidRequestException.invalidValue(
                    path, "it must be between %d and %d.".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
        return value.intValue();
    }

    /** As JSON Schema has it: 2.0 is whole. Languages with one type of number write it so. */
    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber() || (value.isNumber() && value.canConvertToExactIntegral());
    }

    static double number(JsonNode value, String path) {
        if (!value.isNumber()) {
            throw InvalidRequestException.wrongType(path, "a number", value);
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw InvalidRequestException.invalidValue(path, "the number is too large.");
        }
        return number;
    }

    /**
     * A JSON Schema, which is handed on as text: what that text could not say as it came is refused here. A number beyond a double was read
     * as infinite.
     */
    static JsonNode schema(JsonNode value, String path) {
        if (!value.isObject()) {
            throw InvalidRequestException.wrongType(path, "an object", value);
        }
        checkValues(value, "", path);
        return value;
    }

    private static void checkValues(JsonNode value, String pointer, String path) {
        if (value.isString()) {
            wellFormed(value.stringValue(), path);
        } else if (value.isNumber() && !Double.isFinite(value.doubleValue())) {
            throw InvalidRequestException.invalidValue(path, "the number at '%s' is too large.".formatted(pointer));
        }
        for (var property : value.properties()) {
            checkValues(property.getValue(), pointer + "/" + property.getKey(), path);
        }
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            checkValues(value.get(i), pointer + "/" + i, path);
        }
    }

    /** JSON's escapes can spell half of a surrogate pair, which is no text and has no UTF-8. */
    private static String wellFormed(String text, String path) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw InvalidRequestException.invalidValue(
                            path, "it has half of a surrogate pair at position %d.".formatted(i));
                }
                i++;
            }
        }
        return text;
    }
}
