package ai.dialog.functions.inference;

/** The form that a completion's text must have. */
public sealed interface ResponseFormat {

    /** Any text. */
    ResponseFormat TEXT = new Text();

    /** Any text. */
    record Text() implements ResponseFormat {}

    /** One JSON object. */
    record JsonObject() implements ResponseFormat {}

    /**
     * One JSON value that satisfies a schema.
     *
     * @param name the caller's name for it; a model server may tell it to the model
     * @param schema JSON Schema, as JSON; its properties are written in its order
     */
    record JsonSchema(String name, String schema) implements ResponseFormat {
        /** Without the schema, so that no log has it. */
        @Override
        public String toString() {
            return "JsonSchema[" + schema.length() + " characters]";
        }
    }
}
