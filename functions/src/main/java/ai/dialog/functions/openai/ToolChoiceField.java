package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the model may, must or must not call tools: {@code tool_choice}.
 *
 * @param mode {@link #NONE}, {@link #AUTO}, {@link #REQUIRED} or {@link ChatTool#FUNCTION}
 * @param function the name of the one to call; only with {@link ChatTool#FUNCTION}
 */
public record ToolChoiceField(String mode, @Nullable String function) {

    /** No call. */
    public static final String NONE = "none";

    /** As the model decides. */
    public static final String AUTO = "auto";

    /** One call at least. */
    public static final String REQUIRED = "required";

    private static final String FIELD = "tool_choice";
    private static final Set<String> MODES = Set.of(NONE, AUTO, REQUIRED);

    static @Nullable ToolChoiceField read(Fields request) {
        var value = request.value(FIELD);
        if (value == null) {
            return null;
        }
        String path = request.path(FIELD);
        if (value.isString()) {
            String mode = Fields.string(value, path);
            if (!MODES.contains(mode)) {
                throw InvalidRequestException.invalidValue(
                        path, "it must be one of none, auto and required, or name a function.");
            }
            return new ToolChoiceField(mode, null);
        }
        if (!value.isObject()) {
            throw InvalidRequestException.wrongType(path, "a string or an object", value);
        }
        var choice = Fields.of(value, path);
        String type = Fields.string(choice.required("type"), choice.path("type"));
        if (!type.equals(ChatTool.FUNCTION)) {
            throw InvalidRequestException.invalidValue(
                    choice.path("type"),
                    "only a choice of type 'function' is supported by this service; send the allowed tools alone.");
        }
        var function = Fields.of(choice.required("function"), choice.path("function"));
        return new ToolChoiceField(ChatTool.FUNCTION, Fields.string(function.required("name"), function.path("name")));
    }

    @JsonValue
    Object json() {
        return function == null ? mode : Map.of("type", mode, "function", Map.of("name", function));
    }

    /** Without the name, so that no log has it. */
    @Override
    public String toString() {
        return "ToolChoiceField[" + mode + "]";
    }
}
