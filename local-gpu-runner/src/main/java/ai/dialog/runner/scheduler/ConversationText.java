package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.TemplateException;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.runner.tools.TemplateProbe;
import ai.dialog.runner.tools.ToolPrompt;
import ai.dialog.runner.tools.ToolTemplate;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns conversations into text by a model's chat template. Thread-safe. */
final class ConversationText {

    /** For conversations without tools, whose messages every template takes in the same way. */
    private static final ToolTemplate NO_TOOLS = new ToolTemplate(false, null, true, false);

    private final Supplier<ChatTemplate> template;
    private final Tokenizer tokenizer;
    private @Nullable ToolTemplate tools;

    ConversationText(Supplier<ChatTemplate> template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
    }

    /** What the template does with tools: found when it is first asked for, and kept. */
    synchronized ToolTemplate tools() {
        if (tools != null) {
            return tools;
        }
        var ends = tokenizer.endOfSequence().stream().map(this::name).toList();
        var probe = new TemplateProbe(template.get(), tokens(), ends);
        var found = probe.result();
        // what a busy machine had no time for it may have the next time
        tools = probe.isOutOfTime() ? null : found;
        return found;
    }

    /**
     * The text that the model is to continue.
     *
     * @throws InferenceException if the template cannot have this conversation
     */
    String render(CompletionRequest request, Prompt.Conversation conversation) {
        if (conversation.messages().isEmpty()) {
            throw invalid("The conversation is empty: give at least one message.", "messages", null);
        }
        var variables = new HashMap<String, Object>(tokens());
        variables.put("messages", ToolPrompt.messages(conversation.messages(), toolsOf(request, conversation)));
        variables.put("add_generation_prompt", true);
        if (!request.tools().tools().isEmpty()) {
            variables.put("tools", ToolPrompt.tools(request.tools().tools()));
        }
        try {
            return template.get().render(variables);
        } catch (TemplateException e) {
            throw invalid("The model's chat template refuses this conversation: " + e.getMessage(), "messages", e);
        }
    }

    private ToolTemplate toolsOf(CompletionRequest request, Prompt.Conversation conversation) {
        boolean asked = !request.tools().tools().isEmpty();
        boolean used = conversation.messages().stream()
                .anyMatch(message -> message.toolCallId() != null
                        || message.role().equals("tool")
                        || !message.toolCalls().isEmpty());
        if (!asked && !used) {
            return NO_TOOLS;
        }
        ToolTemplate found = tools();
        if (!found.isUsable()) {
            String why = found.showsTools()
                    ? "This model's chat template writes calls of tools in a form that is not supported"
                    : "This model's chat template has no tools";
            throw invalid(
                    why
                            + (asked
                                    ? ": send no 'tools', or serve a model, or a template (--chat-template), that has them."
                                    : ": its conversations can have no calls of tools, and no results."),
                    asked ? "tools" : "messages",
                    null);
        }
        return found;
    }

    /** A token that the checkpoint lacks stays undefined, as it does in transformers. */
    private Map<String, Object> tokens() {
        var variables = new HashMap<String, Object>();
        Integer beginning = tokenizer.beginningOfSequence();
        if (beginning != null) {
            variables.put("bos_token", name(beginning));
        }
        var ends = tokenizer.endOfSequence().iterator();
        if (ends.hasNext()) {
            variables.put("eos_token", name(ends.next()));
        }
        return variables;
    }

    private String name(int id) {
        return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
    }

    private static InferenceException invalid(String message, String param, @Nullable Throwable cause) {
        return new InferenceException(InferenceException.Kind.INVALID_REQUEST, message, param, null, cause);
    }
}
