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
    record Text(String text) implements Prompt {}

    /** Token ids of the model's vocabulary. */
    record Tokens(List<Integer> ids) implements Prompt {
        public Tokens {
            ids = List.copyOf(ids);
        }
    }

    /**
     * One turn of a conversation.
     *
     * @param role system, developer, user or assistant
     */
    record Message(String role, String content) {}
}
