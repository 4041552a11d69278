package ai.dialog.runner.tools;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What a chat template sees of a conversation: its messages, and its tools, as transformers hands them over. */
public final class ToolPrompt {

    private static final JsonMapper JSON = JsonMapper.shared();

    private ToolPrompt() {}

    /** The tools, each in OpenAI's form with its schema as an object; the template may ask for any part of it. */
    public static List<Map<String, ?>> tools(List<Tool> tools) {
        var all = new ArrayList<Map<String, ?>>();
        for (Tool tool : tools) {
            var function = new LinkedHashMap<String, Object>();
            function.put("name", tool.name());
            function.put("description", tool.description() == null ? "" : tool.description());
            function.put("parameters", parameters(tool.parameters()));
            var described = new LinkedHashMap<String, Object>();
            described.put("type", "function");
            described.put("function", function);
            all.add(described);
        }
        return all;
    }

    private static Map<Object, Object> parameters(String schema) {
        Map<Object, Object> parameters = new LinkedHashMap<>();
        if (value(schema) instanceof Map<?, ?> given) {
            parameters.putAll(given);
        }
        // templates go through the properties of every tool without asking whether there are any
        parameters.putIfAbsent("type", "object");
        parameters.putIfAbsent("properties", Map.of());
        return parameters;
    }

    /**
     * The messages, in the form that the template takes.
     *
     * @throws InferenceException if the arguments of their calls are too much to be read
     */
    public static List<Map<String, ?>> messages(List<Prompt.Message> messages, ToolTemplate template) {
        var all = new ArrayList<Map<String, ?>>();
        Map<String, String> names = new HashMap<>();
        var arguments = new CallArguments();
        for (var message : messages) {
            var fields = new LinkedHashMap<String, Object>();
            // OpenAI's newer name for the same role; templates of open models know only the older one.
            fields.put("role", message.role().equals("developer") ? "system" : message.role());
            fields.put("content", message.content());
            if (!message.toolCalls().isEmpty()) {
                fields.put("tool_calls", calls(message.toolCalls(), template, arguments));
                message.toolCalls().forEach(call -> names.put(call.id(), call.name()));
            }
            String answered = message.toolCallId();
            if (answered != null) {
                fields.put("tool_call_id", template.id(answered));
                String name = names.get(answered);
                if (name != null) {
                    fields.put("name", name);
                }
            }
            all.add(fields);
        }
        return all;
    }

    private static List<Map<String, ?>> calls(List<ToolCall> calls, ToolTemplate template, CallArguments arguments) {
        var all = new ArrayList<Map<String, ?>>();
        for (ToolCall call : calls) {
            Map<?, ?> read = template.argumentsAreObjects() ? arguments.object(call.arguments()) : null;
            var function = new LinkedHashMap<String, Object>();
            function.put("name", call.name());
            function.put("arguments", read == null ? call.arguments() : read);
            var fields = new LinkedHashMap<String, Object>();
            fields.put("id", template.id(call.id()));
            fields.put("type", "function");
            fields.put("function", function);
            all.add(fields);
        }
        return all;
    }

    private static @Nullable Object value(String json) {
        try {
            return JSON.readValue(json, Object.class);
        } catch (JacksonException e) {
            return null;
        }
    }
}
