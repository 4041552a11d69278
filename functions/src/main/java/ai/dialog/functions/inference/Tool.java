package ai.dialog.functions.inference;

import org.jspecify.annotations.Nullable;

/**
 * A function of the caller's that the model may ask for. Only the caller ever runs it.
 *
 * @param name 1 to 64 letters, digits, {@code _} and {@code -}
 * @param description what it is for, told to the model; null for none
 * @param parameters JSON Schema of its arguments, an object's, as JSON text; {@link #ANY_OBJECT} where none was given
 * @param strict whether a schema that cannot be kept is refused rather than loosened
 */
public record Tool(String name, @Nullable String description, String parameters, boolean strict) {

    /** Parameters of which nothing is known but that they are an object. */
    public static final String ANY_OBJECT = "{\"type\":\"object\"}";

    /** Without what the caller wrote, so that no log has it. */
    @Override
    public String toString() {
        return "Tool[" + parameters.length() + " characters of parameters]";
    }
}
