package ai.dialog.functions.inference;

import org.jspecify.annotations.Nullable;

/**
 * A function of the caller's that the model may ask for. Only the caller ever runs it.
 *
 * @param name 1 to 64 letters, digits, {@code _} and {@code -}
 * @param description what it is for, told to the model; null for none
 * @param parameters JSON Schema of its arguments, as JSON text, with {@code "type":"object"}; {@link #NO_PARAMETERS} where none was given
 * @param strict whether a schema that cannot be kept is refused rather than loosened
 */
public record Tool(String name, @Nullable String description, String parameters, boolean strict) {

    /** Where none were given there are none, as OpenAI has it: every call's arguments are {@code {}}. */
    public static final String NO_PARAMETERS = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}";

    /** Without what the caller wrote, so that no log has it. */
    @Override
    public String toString() {
        return "Tool[" + parameters.length() + " characters of parameters]";
    }
}
