package ai.dialog.functions.inference;

import java.util.List;

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
     * @param role system, developer, user or assistant
     */
    record Message(String role, String content) {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Message[role=" + role + ", " + content.length() + " characters]";
        }
    }
}
