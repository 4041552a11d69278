package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A tool that the model may call: one of {@code tools}.
 *
 * @param type {@link #FUNCTION}, the only type there is
 */
public record ChatTool(String type, Function function) {

    /** A function of the caller's. */
    public static final String FUNCTION = "function";

    private static final String FIELD = "tools";

    /**
     * A function of the caller's.
     *
     * @param description what it is for, told to the model
     * @param parameters JSON Schema of its arguments; null where it has none
     * @param strict whether a schema that cannot be kept is refused
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Function(
            String name,
            @Nullable String description,
            @Nullable JsonNode parameters,
            @Nullable Boolean strict) {
        /** Without what the caller wrote, so that no log has it. */
        @Override
        public String toString() {
            return "Function[" + name.length() + " characters of name]";
        }
    }

    /** A tool that is a function. */
    public ChatTool(Function function) {
        this(FUNCTION, function);
    }

    /** The tools of a request; null where the field is absent, which is another thing than empty. */
    static @Nullable List<ChatTool> readAll(Fields request) {
        var array = request.value(FIELD);
        if (array == null) {
            return null;
        }
        String path = request.path(FIELD);
        if (!array.isArray()) {
            throw InvalidRequestException.wrongType(path, "an array of tools", array);
        }
        var tools = new ArrayList<ChatTool>(array.size());
        for (int i = 0; i < array.size(); i++) {
            tools.add(read(array.get(i), path + "[" + i + "]"));
        }
        return tools;
    }

    private static ChatTool read(JsonNode json, String path) {
        var tool = Fields.of(json, path);
        String type = Fields.string(tool.required("type"), tool.path("type"));
        if (!type.equals(FUNCTION)) {
            throw InvalidRequestException.invalidValue(
                    tool.path("type"), "only tools of type 'function' are supported by this service.");
        }
        var function = Fields.of(tool.required("function"), tool.path("function"));
        var parameters = function.value("parameters");
        return new ChatTool(new Function(
                Fields.string(function.required("name"), function.path("name")),
                function.string("description"),
                parameters == null ? null : Fields.schema(parameters, function.path("parameters")),
                function.bool("strict")));
    }
}
