package ai.dialog.functions.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a completion continues. */
public sealed interface Prompt {

    /** A conversation, turned into text by the model's own chat template. */
    record Conversation(List<Message> messages) implements Prompt {
        public Conversation {
            messages = List.copyOf(messages);
        }
    }

    /** Plain text, tokenized as it is. */
    record Text(String text) implements Prompt {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Text[" + text.length() + " characters]";
        }
    }

    /** Token ids of the model's vocabulary. */
    record Tokens(List<Integer> ids) implements Prompt {
        public Tokens {
            ids = List.copyOf(ids);
        }

        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Tokens[" + ids.size() + "]";
        }
    }

    /**
     * One turn of a conversation.
     *
     * @param role system, developer, user, assistant or tool
     * @param content what was said; empty where an assistant only called tools
     * @param toolCalls the calls that an assistant made; empty for none, and for other roles
     * @param toolCallId the call whose result a tool's message has; null for other roles
     */
    record Message(
            String role,
            String content,
            List<ToolCall> toolCalls,
            @Nullable String toolCallId) {
        public Message {
            toolCalls = List.copyOf(toolCalls);
        }

        /** Of one who neither called a tool nor is one. */
        public Message(String role, String content) {
            this(role, content, List.of(), null);
        }

        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Message[role=%s, %d characters, %d calls]".formatted(role, content.length(), toolCalls.size());
        }
    }
}
