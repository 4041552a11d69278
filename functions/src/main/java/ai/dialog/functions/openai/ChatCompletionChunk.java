package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A piece of a streamed answer of {@code /v1/chat/completions}.
 *
 * @param object {@link #OBJECT}
 * @param created seconds since the epoch, the same in every chunk
 * @param choices empty in the chunk that has the usage
 * @param usage null until the last chunk
 * @param usageAsked whether {@code "usage": null} is written until then; it is left out where usage was not asked for
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ChatCompletionChunk(
        String id,
        String object,
        long created,
        String model,
        @Nullable String systemFingerprint,
        List<Choice> choices,

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY) @Nullable
        CompletionUsage usage,

        @JsonIgnore boolean usageAsked)
        implements ChatEvent {

    /** The kind of object that this is. */
    public static final String OBJECT = "chat.completion.chunk";

    /**
     * More of one answer.
     *
     * @param finishReason null until the choice's last chunk
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Choice(
            int index,
            Delta delta,
            @Nullable ChatLogprobs logprobs,
            @Nullable String finishReason) {}

    /**
     * What is new.
     *
     * @param role only in a choice's first chunk
     * @param content null in a choice's last chunk, and where a tool is called
     * @param toolCalls a piece of one call
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Delta(
            @Nullable String role,
            @Nullable String content,
            @Nullable List<ChatToolCall.Piece> toolCalls) {

        public Delta(@Nullable String role, @Nullable String content) {
            this(role, content, null);
        }

        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Delta[role=" + role + ", " + (content == null ? 0 : content.length()) + " characters]";
        }
    }

    @JsonAnyGetter
    Map<String, @Nullable CompletionUsage> usageField() {
        return StreamedUsage.field(usage, usageAsked);
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ChatCompletionChunk[" + id + ", " + choices.size() + " choices]";
    }
}
