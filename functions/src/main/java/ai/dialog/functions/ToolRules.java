package ai.dialog.functions;

import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatTool;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.ToolChoiceField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The bounds of a request's tools and of what may be done with them, as OpenAI has them where nothing else is said. */
final class ToolRules {

    /** OpenAI's bound. */
    static final int MAX_TOOLS = 128;

    /** Of a tool and of a call. OpenAI's rule. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Of all tools together: a context of 131,072 tokens, which no model here goes beyond, at four characters each. */
    private static final int MAX_ALL = 524_288;

    private ToolRules() {}

    static ToolUse tools(ChatCompletionRequest request) {
        var asked = request.tools();
        var choice = request.toolChoice();
        if (asked == null) {
            if (choice != null && !choice.mode().equals(ToolChoiceField.NONE)) {
                throw InvalidRequestException.invalidValue("tool_choice", "it is only for a request with 'tools'.");
            }
            return ToolUse.NOTHING;
        }
        if (asked.isEmpty()) {
            throw new InvalidRequestException(
                    "Invalid value for 'tools': it must have at least one tool; leave it out for none.",
                    "tools",
                    "empty_array");
        }
        if (asked.size() > MAX_TOOLS) {
            throw InvalidRequestException.invalidValue(
                    "tools", "it must have at most %d tools, not %d.".formatted(MAX_TOOLS, asked.size()));
        }
        var tools = read(asked);
        return new ToolUse(tools, choice(choice, tools), !Boolean.FALSE.equals(request.parallelToolCalls()));
    }

    private static List<Tool> read(List<ChatTool> asked) {
        var tools = new ArrayList<Tool>(asked.size());
        var names = new HashSet<String>();
        long characters = 0;
        for (int i = 0; i < asked.size(); i++) {
            String path = "tools[" + i + "].function";
            var function = asked.get(i).function();
            name(function.name(), path + ".name");
            if (!names.add(function.name())) {
                throw InvalidRequestException.invalidValue(path + ".name", "another tool has the same name.");
            }
            var tool = new Tool(
                    function.name(),
                    function.description(),
                    parameters(function.parameters(), path + ".parameters"),
                    Boolean.TRUE.equals(function.strict()));
            characters += tool.parameters().length()
                    + Objects.requireNonNullElse(tool.description(), "").length();
            if (characters > MAX_ALL) {
                throw InvalidRequestException.invalidValue(
                        "tools",
                        "their descriptions and parameters must have at most %d characters together."
                                .formatted(MAX_ALL));
            }
            tools.add(tool);
        }
        return tools;
    }

    /** The name of a tool, or of one that was called. */
    static void name(String name, String param) {
        if (!NAME.matcher(name).matches()) {
            throw InvalidRequestException.invalidValue(param, "it must be 1 to 64 letters, digits, '_' and '-'.");
        }
    }

    /** What stands in the schema is for the inference to check, but that it is an object's. */
    private static String parameters(@Nullable JsonNode parameters, String path) {
        if (parameters == null) {
            return Tool.NO_PARAMETERS;
        }
        if (!(parameters instanceof ObjectNode schema)) {
            throw InvalidRequestException.invalidValue(path, "it must be a JSON Schema that is an object.");
        }
        if (!schema.has("type")) {
            schema = schema.deepCopy().put("type", "object");
        } else if (!schema.path("type").asString("").equals("object")) {
            throw InvalidRequestException.invalidValue(
                    path + ".type", "it must be 'object': a call's arguments are one.");
        }
        String text = schema.toString();
        if (text.length() > RequestRules.MAX_SCHEMA_LENGTH) {
            throw InvalidRequestException.invalidValue(
                    path,
                    "it must have at most %d characters, not %d."
                            .formatted(RequestRules.MAX_SCHEMA_LENGTH, text.length()));
        }
        return text;
    }

    private static ToolChoice choice(@Nullable ToolChoiceField choice, List<Tool> tools) {
        if (choice == null) {
            return ToolChoice.AUTO;
        }
        return switch (choice.mode()) {
            case ToolChoiceField.NONE -> ToolChoice.NONE;
            case ToolChoiceField.REQUIRED -> ToolChoice.REQUIRED;
            case ChatTool.FUNCTION -> named(choice.function(), tools);
            default -> ToolChoice.AUTO;
        };
    }

    private static ToolChoice named(@Nullable String name, List<Tool> tools) {
        for (var tool : tools) {
            if (tool.name().equals(name)) {
                return new ToolChoice.Named(tool.name());
            }
        }
        throw InvalidRequestException.invalidValue(
                "tool_choice.function.name", "none of the request's 'tools' has this name.");
    }
}
