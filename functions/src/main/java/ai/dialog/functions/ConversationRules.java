package ai.dialog.functions;

import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.openai.ChatMessage;
import ai.dialog.functions.openai.ChatToolCall;
import ai.dialog.functions.openai.InvalidRequestException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The bounds of a conversation, and the order of its turns: after an assistant's calls come the results of all of them, in any
 * order, before anybody else speaks. A template would render anything else to a text that no model was trained on.
 */
final class ConversationRules {

    private static final int MAX_MESSAGES = 4_096;

    /** Longer than those of any server that was seen; vLLM's have 46 characters. */
    private static final int MAX_ID_LENGTH = 256;

    private ConversationRules() {}

    static Prompt.Conversation conversation(List<ChatMessage> messages) {
        if (messages.isEmpty()) {
            throw new InvalidRequestException(
                    "Invalid value for 'messages': it must have at least one message.", "messages", "empty_array");
        }
        if (messages.size() > MAX_MESSAGES) {
            throw InvalidRequestException.invalidValue(
                    "messages", "it must have at most %d messages.".formatted(MAX_MESSAGES));
        }
        Set<String> open = new LinkedHashSet<>();
        Set<String> answered = new LinkedHashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            var message = messages.get(i);
            String path = "messages[" + i + "]";
            if (message.role().equals(ChatMessage.TOOL)) {
                answer(message, path, open, answered);
            } else {
                refuseOpen(open);
                answered.clear();
                calls(message, path, open);
            }
        }
        refuseOpen(open);
        return new Prompt.Conversation(
                messages.stream().map(ConversationRules::turn).toList());
    }

    private static void answer(ChatMessage message, String path, Set<String> open, Set<String> answered) {
        String id = message.toolCallId();
        if (open.isEmpty() && answered.isEmpty()) {
            throw InvalidRequestException.invalidValue(
                    path + ".role",
                    "a message with role 'tool' must be a response to a preceding message with 'tool_calls'.");
        }
        if (id == null || !open.remove(id)) {
            throw InvalidRequestException.invalidValue(
                    path + ".tool_call_id",
                    answered.contains(id)
                            ? "the call has its response already."
                            : "it is not found in the 'tool_calls' of the preceding assistant message.");
        }
        answered.add(id);
    }

    private static void calls(ChatMessage message, String path, Set<String> open) {
        var calls = message.toolCalls();
        if (calls.size() > ToolRules.MAX_TOOLS) {
            throw InvalidRequestException.invalidValue(
                    path + ".tool_calls",
                    "it must have at most %d calls, not %d.".formatted(ToolRules.MAX_TOOLS, calls.size()));
        }
        for (int i = 0; i < calls.size(); i++) {
            var call = calls.get(i);
            String place = path + ".tool_calls[" + i + "]";
            if (call.id().isEmpty() || RequestRules.characters(call.id()) > MAX_ID_LENGTH) {
                throw InvalidRequestException.invalidValue(
                        place + ".id", "it must have 1 to %d characters.".formatted(MAX_ID_LENGTH));
            }
            if (!open.add(call.id())) {
                throw InvalidRequestException.invalidValue(place + ".id", "another call has the same id.");
            }
            ToolRules.name(call.function().name(), place + ".function.name");
        }
    }

    private static void refuseOpen(Set<String> open) {
        if (!open.isEmpty()) {
            throw InvalidRequestException.invalidValue(
                    "messages",
                    ("an assistant message with 'tool_calls' must be followed by tool messages responding to each "
                                    + "'tool_call_id'; %d of them have no response, the first of them '%s'.")
                            .formatted(open.size(), open.iterator().next()));
        }
    }

    private static Prompt.Message turn(ChatMessage message) {
        return new Prompt.Message(
                message.role(),
                message.content(),
                message.toolCalls().stream().map(ConversationRules::call).toList(),
                message.toolCallId());
    }

    private static ToolCall call(ChatToolCall call) {
        return new ToolCall(call.id(), call.function().name(), call.function().arguments());
    }
}
