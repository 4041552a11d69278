package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A whole answer of {@code /v1/chat/completions}.
 *
 * @param object {@link #OBJECT}
 * @param created seconds since the epoch
 * @param model the model that answered, by its own id
 * @param systemFingerprint changes when the same seed may give another answer
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ChatCompletion(
        String id,
        String object,
        long created,
        String model,
        List<Choice> choices,
        CompletionUsage usage,
        @Nullable String systemFingerprint)
        implements ChatEvent {

    /** The kind of object that this is. */
    public static final String OBJECT = "chat.completion";

    /** One of {@code n} answers. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Choice(
            int index, Message message, @Nullable ChatLogprobs logprobs, String finishReason) {}

    /**
     * What the model said.
     *
     * @param content null where it only called tools
     * @param toolCalls not written where there are none
     * @param refusal always null
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Message(
            String role,
            @Nullable String content,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
            List<ChatToolCall> toolCalls,

            @Nullable String refusal) {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Message[role=" + role + ", " + (content == null ? 0 : content.length()) + " characters]";
        }
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ChatCompletion[" + id + ", " + choices.size() + " choices, " + usage + "]";
    }
}
