package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One turn of a conversation.
 *
 * @param role system, developer, user, assistant or tool
 * @param content its text; parts are joined with a line break, as other open servers do; empty where an assistant only calls
 * @param name who of several participants speaks; templates do not use it
 * @param toolCalls the calls that an assistant made
 * @param toolCallId the call whose result a tool's message has
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChatMessage(
        String role,
        String content,
        @Nullable String name,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ChatToolCall> toolCalls,
        @Nullable String toolCallId) {

    /** One who may call tools. */
    public static final String ASSISTANT = "assistant";

    /** A tool that was called. */
    public static final String TOOL = "tool";

    /** The roles that a message can have. */
    public static final Set<String> ROLES = Set.of("system", "developer", "user", ASSISTANT, TOOL);

    public ChatMessage {
        toolCalls = List.copyOf(toolCalls);
    }

    public ChatMessage(String role, String content, @Nullable String name) {
        this(role, content, name, List.of(), null);
    }

    public ChatMessage(String role, String content) {
        this(role, content, null);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ChatMessage read(JsonNode json) {
        return read(json, "message");
    }

    static List<ChatMessage> readAll(JsonNode array, String path) {
        if (!array.isArray()) {
            throw InvalidRequestException.wrongType(path, "an array of messages", array);
        }
        var messages = new ArrayList<ChatMessage>(array.size());
        for (int i = 0; i < array.size(); i++) {
            messages.add(read(array.get(i), path + "[" + i + "]"));
        }
        return messages;
    }

    private static ChatMessage read(JsonNode json, String path) {
        var fields = Fields.of(json, path);
        String role = Fields.string(fields.required("role"), fields.path("role"));
        if (!ROLES.contains(role)) {
            throw InvalidRequestException.invalidValue(
                    fields.path("role"), "it must be one of system, developer, user, assistant and tool.");
        }
        for (String name : List.of("function_call", "audio")) {
            var value = fields.value(name);
            if (value != null && !(value.isArray() && value.isEmpty())) {
                throw InvalidRequestException.unsupported(
                        fields.path(name), name.equals("audio") ? "Messages have text only." : "Use 'tool_calls'.");
            }
        }
        var calls = ChatToolCall.readAll(fields);
        if (!calls.isEmpty() && !role.equals(ASSISTANT)) {
            throw InvalidRequestException.invalidValue(
                    fields.path("tool_calls"), "only a message of role 'assistant' has it.");
        }
        return new ChatMessage(
                role, content(fields, !calls.isEmpty()), fields.string("name"), calls, toolCallId(fields, role));
    }

    private static @Nullable String toolCallId(Fields message, String role) {
        String id = message.string("tool_call_id");
        if (role.equals(TOOL) && id == null) {
            throw InvalidRequestException.missing(message.path("tool_call_id"));
        }
        if (!role.equals(TOOL) && id != null) {
            throw InvalidRequestException.invalidValue(
                    message.path("tool_call_id"), "only a message of role 'tool' has it.");
        }
        return id;
    }

    private static String content(Fields message, boolean calls) {
        if (calls && message.value("content") == null) {
            return "";
        }
        var content = message.required("content");
        String path = message.path("content");
        if (content.isString()) {
            return Fields.string(content, path);
        }
        if (!content.isArray()) {
            throw InvalidRequestException.wrongType(path, "a string or an array of text parts", content);
        }
        if (content.isEmpty()) {
            throw InvalidRequestException.invalidValue(path, "it must have at least one part.");
        }
        var texts = new ArrayList<String>(content.size());
        for (int i = 0; i < content.size(); i++) {
            texts.add(part(content.get(i), path + "[" + i + "]"));
        }
        return String.join("\n", texts);
    }

    private static String part(JsonNode json, String path) {
        var part = Fields.of(json, path);
        String type = Fields.string(part.required("type"), part.path("type"));
        if (!type.equals("text")) {
            throw new InvalidRequestException(
                    "Invalid value for '%s': only parts of type 'text' are supported by this service; images, audio and files are not."
                            .formatted(part.path("type")),
                    part.path("type"),
                    "unsupported_content_type");
        }
        return Fields.string(part.required("text"), part.path("text"));
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ChatMessage[role=%s, %d characters, %d calls]".formatted(role, content.length(), toolCalls.size());
    }
}
