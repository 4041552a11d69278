package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * An answer of {@code /v1/completions}, whole or a piece of a stream: OpenAI uses one shape for both.
 *
 * @param object {@link #OBJECT}
 * @param created seconds since the epoch
 * @param choices empty in a stream's chunk that has the usage
 * @param usage null in a stream until its last chunk
 * @param usageAsked whether {@code "usage": null} is written until then
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TextCompletion(
        String id,
        String object,
        long created,
        String model,
        @Nullable String systemFingerprint,
        List<Choice> choices,

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY) @Nullable
        CompletionUsage usage,

        @JsonIgnore boolean usageAsked) {

    /** The kind of object that this is. */
    public static final String OBJECT = "text_completion";

    /**
     * One text, or more of it.
     *
     * @param finishReason null in a stream until the choice's last chunk
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Choice(
            int index,
            String text,
            @Nullable TextLogprobs logprobs,
            @Nullable String finishReason) {}

    @JsonAnyGetter
    Map<String, @Nullable CompletionUsage> usageField() {
        return StreamedUsage.field(usage, usageAsked);
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "TextCompletion[" + id + ", " + choices.size() + " choices]";
    }
}
