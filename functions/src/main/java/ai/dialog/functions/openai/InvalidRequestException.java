package ai.dialog.functions.openai;

import java.io.Serial;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request that cannot be served as it is: HTTP 400. Its message is fit for the caller to read. */
public final class InvalidRequestException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final @Nullable String param;
    private final String code;

    /**
     * A refusal that names the field.
     *
     * @param param the field as OpenAI names it, {@code messages[0].content}; null for the whole body
     * @param code a short name for the cause, for programs
     */
    public InvalidRequestException(String message, @Nullable String param, String code) {
        // no stack trace: the caller's mistake has no place in our code, and a flood of them must stay cheap
        super(message, null, false, false);
        this.param = param;
        this.code = code;
    }

    /** The field's value is of another JSON type than it must be. */
    static InvalidRequestException wrongType(String param, String expected, JsonNode got) {
        return new InvalidRequestException(
                "Invalid type for '%s': expected %s, but got %s instead.".formatted(param, expected, typeOf(got)),
                param,
                "invalid_type");
    }

    /** The field must be there and is not. */
    static InvalidRequestException missing(String param) {
        return new InvalidRequestException(
                "Missing required parameter: '%s'.".formatted(param), param, "missing_required_parameter");
    }

    /** The field is known and would change the answer, but this service cannot do it. */
    static InvalidRequestException unsupported(String param, String instead) {
        return new InvalidRequestException(
                "Unsupported parameter: '%s' is not supported by this service. %s".formatted(param, instead),
                param,
                "unsupported_parameter");
    }

    /** The field is not known, and may have been meant to change the answer. */
    static InvalidRequestException unknown(String param) {
        return new InvalidRequestException("Unknown parameter: '%s'.".formatted(param), param, "unknown_parameter");
    }

    /** The field's value has the right type and is not one of those allowed. */
    public static InvalidRequestException invalidValue(String param, String why) {
        return new InvalidRequestException("Invalid value for '%s': %s".formatted(param, why), param, "invalid_value");
    }

    /** The field that caused it, null where it was the whole body. */
    public @Nullable String param() {
        return param;
    }

    /** A short name for the cause. */
    public String code() {
        return code;
    }

    private static String typeOf(JsonNode node) {
        if (node.isString()) {
            return "a string";
        }
        if (node.isIntegralNumber()) {
            return "a whole number";
        }
        if (node.isNumber()) {
            return "a decimal number";
        }
        if (node.isBoolean()) {
            return "a boolean";
        }
        if (node.isArray()) {
            return "an array";
        }
        return node.isObject() ? "an object" : "null";
    }
}
