package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A call of a tool: in an answer, and in the assistant's message when the conversation goes on.
 *
 * @param id what the tool's message names it by
 * @param type {@link ChatTool#FUNCTION}
 */
public record ChatToolCall(String id, String type, Function function) {

    /**
     * What is called.
     *
     * @param arguments JSON text
     */
    public record Function(String name, String arguments) {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Function[" + arguments.length() + " characters of arguments]";
        }
    }

    /**
     * A piece of a call in a streamed answer.
     *
     * @param index of the call within its choice
     * @param id only in a call's first piece
     * @param type only in a call's first piece
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Piece(
            int index,
            @Nullable String id,
            @Nullable String type,
            @Nullable PieceFunction function) {

        /** The first piece of a call. */
        public static Piece first(int index, @Nullable String id, @Nullable String name) {
            return new Piece(index, id, ChatTool.FUNCTION, new PieceFunction(name, ""));
        }

        /** More of a call's arguments. */
        public static Piece more(int index, String arguments) {
            return new Piece(index, null, null, new PieceFunction(null, arguments));
        }
    }

    /**
     * What is new of a call's function.
     *
     * @param name only in a call's first piece
     * @param arguments a piece of JSON text
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PieceFunction(
            @Nullable String name, @Nullable String arguments) {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "PieceFunction[" + (arguments == null ? 0 : arguments.length()) + " characters of arguments]";
        }
    }

    /** A call of a function. */
    public ChatToolCall(String id, String name, String arguments) {
        this(id, ChatTool.FUNCTION, new Function(name, arguments));
    }

    /** The calls of a message, none where the field is absent. */
    static List<ChatToolCall> readAll(Fields message) {
        var array = message.value("tool_calls");
        if (array == null) {
            return List.of();
        }
        String path = message.path("tool_calls");
        if (!array.isArray()) {
            throw InvalidRequestException.wrongType(path, "an array of tool calls", array);
        }
        var calls = new ArrayList<ChatToolCall>(array.size());
        for (int i = 0; i < array.size(); i++) {
            calls.add(read(array.get(i), path + "[" + i + "]"));
        }
        return calls;
    }

    private static ChatToolCall read(JsonNode json, String path) {
        var call = Fields.of(json, path);
        String id = Fields.string(call.required("id"), call.path("id"));
        String type = Fields.string(call.required("type"), call.path("type"));
        if (!type.equals(ChatTool.FUNCTION)) {
            throw InvalidRequestException.invalidValue(
                    call.path("type"), "only calls of type 'function' are supported by this service.");
        }
        var function = Fields.of(call.required("function"), call.path("function"));
        return new ChatToolCall(
                id,
                Fields.string(function.required("name"), function.path("name")),
                Fields.string(function.required("arguments"), function.path("arguments")));
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ChatToolCall[" + type + "]";
    }
}
