package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The form that an answer must have: {@code response_format}.
 *
 * @param type {@link #TEXT}, {@link #JSON_OBJECT} or {@link #JSON_SCHEMA}
 * @param jsonSchema only with {@link #JSON_SCHEMA}
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResponseFormatField(String type, @Nullable JsonSchema jsonSchema) {

    /** Any text. */
    public static final String TEXT = "text";

    /** One JSON object. */
    public static final String JSON_OBJECT = "json_object";

    /** One JSON value that satisfies a schema. */
    public static final String JSON_SCHEMA = "json_schema";

    private static final String FIELD = "response_format";

    /**
     * A schema and its name.
     *
     * @param name letters, digits, {@code _} and {@code -}
     * @param description what it is for; changes nothing
     * @param schema JSON Schema
     * @param strict changes nothing: the schema is always kept
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record JsonSchema(
            String name,
            @Nullable String description,
            JsonNode schema,
            @Nullable Boolean strict) {}

    static @Nullable ResponseFormatField read(Fields request) {
        var value = request.value(FIELD);
        if (value == null) {
            return null;
        }
        var format = Fields.of(value, request.path(FIELD));
        String type = Fields.string(format.required("type"), format.path("type"));
        return switch (type) {
            case TEXT, JSON_OBJECT -> new ResponseFormatField(type, null);
            case JSON_SCHEMA -> new ResponseFormatField(type, schema(format));
            default ->
                throw InvalidRequestException.invalidValue(
                        format.path("type"), "it must be one of text, json_object and json_schema.");
        };
    }

    private static JsonSchema schema(Fields format) {
        String path = format.path(JSON_SCHEMA);
        var fields = Fields.of(format.required(JSON_SCHEMA), path);
        return new JsonSchema(
                Fields.string(fields.required("name"), fields.path("name")),
                fields.string("description"),
                Fields.schema(fields.required("schema"), fields.path("schema")),
                fields.bool("strict"));
    }

    /** Without the schema, so that no log has it. */
    @Override
    public String toString() {
        return "ResponseFormatField[" + type + "]";
    }
}
