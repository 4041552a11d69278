package ai.dialog.functions.remote;

import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Tools, and messages that call them or answer for them, as the model server wants them. */
final class WireTools {

    private static final String FUNCTION = "function";

    private WireTools() {}

    /** Puts the fields about tools into a body, none where there are no tools. */
    static void put(Map<String, Object> body, ToolUse use, JsonMapper json) {
        if (use.tools().isEmpty()) {
            return;
        }
        body.put("tools", use.tools().stream().map(tool -> tool(tool, json)).toList());
        switch (use.choice()) {
            case ToolChoice.Auto auto -> {}
            case ToolChoice.None none -> body.put("tool_choice", "none");
            case ToolChoice.Required required -> body.put("tool_choice", "required");
            case ToolChoice.Named named -> body.put("tool_choice", function(Map.of("name", named.name())));
        }
        if (!use.parallel()) {
            body.put("parallel_tool_calls", false);
        }
    }

    private static Map<String, Object> tool(Tool tool, JsonMapper json) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", tool.name());
        if (tool.description() != null) {
            function.put("description", tool.description());
        }
        function.put("parameters", json.readTree(tool.parameters()));
        if (tool.strict()) {
            function.put("strict", true);
        }
        return function(function);
    }

    /** A message of a conversation. */
    static Map<String, Object> message(Prompt.Message message) {
        Map<String, Object> wire = new LinkedHashMap<>();
        wire.put("role", message.role());
        // where an assistant only called, the field is left out: some servers take no null, and some templates show an
        // empty text
        if (!message.content().isEmpty() || message.toolCalls().isEmpty()) {
            wire.put("content", message.content());
        }
        if (!message.toolCalls().isEmpty()) {
            wire.put(
                    "tool_calls",
                    message.toolCalls().stream().map(WireTools::call).toList());
        }
        if (message.toolCallId() != null) {
            wire.put("tool_call_id", message.toolCallId());
        }
        return wire;
    }

    private static Map<String, Object> call(ToolCall call) {
        Map<String, Object> wire = new LinkedHashMap<>();
        wire.put("id", call.id());
        wire.putAll(function(Map.of("name", call.name(), "arguments", call.arguments())));
        return wire;
    }

    private static Map<String, Object> function(Map<String, ?> function) {
        Map<String, Object> wire = new LinkedHashMap<>();
        wire.put("type", FUNCTION);
        wire.put(FUNCTION, function);
        return wire;
    }
}
