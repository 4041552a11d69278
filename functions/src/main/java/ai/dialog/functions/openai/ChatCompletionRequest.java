package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/chat/completions}. It has no place for what is not supported: reading one that asks for it
 * fails. Whether numbers are in range is for the function to check.
 *
 * @param model null or "default" for the one that is loaded
 * @param messages the conversation, oldest first
 * @param stream whether the answer comes in pieces
 * @param streamOptions only with {@code stream}
 * @param maxTokens the older name of {@code maxCompletionTokens}
 * @param maxCompletionTokens the most tokens to generate; null for what the context leaves
 * @param logprobs whether the answer has log probabilities
 * @param topLogprobs how many alternatives beside each token, only with {@code logprobs}
 * @param sampling how text is chosen and when it ends
 * @param user the caller's own name for its user; changes nothing
 * @param responseFormat the form that the answer must have; null for any text
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChatCompletionRequest(
        @Nullable String model,
        List<ChatMessage> messages,
        boolean stream,
        @Nullable StreamOptions streamOptions,
        @Nullable Integer maxTokens,
        @Nullable Integer maxCompletionTokens,
        @Nullable Boolean logprobs,
        @Nullable Integer topLogprobs,
        @JsonUnwrapped SamplingOptions sampling,
        @Nullable String user,
        @Nullable ResponseFormatField responseFormat) {

    public ChatCompletionRequest {
        messages = List.copyOf(messages);
    }

    /** One for any text. */
    public ChatCompletionRequest(
            @Nullable String model,
            List<ChatMessage> messages,
            boolean stream,
            @Nullable StreamOptions streamOptions,
            @Nullable Integer maxTokens,
            @Nullable Integer maxCompletionTokens,
            @Nullable Boolean logprobs,
            @Nullable Integer topLogprobs,
            SamplingOptions sampling,
            @Nullable String user) {
        this(
                model,
                messages,
                stream,
                streamOptions,
                maxTokens,
                maxCompletionTokens,
                logprobs,
                topLogprobs,
                sampling,
                user,
                null);
    }

    /** A conversation with every default, answered at once. */
    public static ChatCompletionRequest of(List<ChatMessage> messages) {
        return new ChatCompletionRequest(
                null, messages, false, null, null, null, null, null, SamplingOptions.DEFAULTS, null);
    }

    /**
     * Reads a request body, strictly.
     *
     * @throws InvalidRequestException where a known field has a wrong type, or asks for what is not supported
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ChatCompletionRequest read(@Nullable JsonNode body) {
        var fields = Fields.ofBody(body);
        Unsupported.refuseInChat(fields);
        return new ChatCompletionRequest(
                fields.string("model"),
                ChatMessage.readAll(fields.required("messages"), "messages"),
                fields.flag("stream"),
                StreamOptions.read(fields),
                fields.integer("max_tokens"),
                fields.integer("max_completion_tokens"),
                fields.bool("logprobs"),
                fields.integer("top_logprobs"),
                SamplingOptions.read(fields),
                fields.string("user"),
                ResponseFormatField.read(fields));
    }

    /** The same request about another conversation: what a private step before {@code chat} returns. */
    public ChatCompletionRequest withMessages(List<ChatMessage> other) {
        return new ChatCompletionRequest(
                model,
                other,
                stream,
                streamOptions,
                maxTokens,
                maxCompletionTokens,
                logprobs,
                topLogprobs,
                sampling,
                user,
                responseFormat);
    }

    /** Whether a stream ends with its usage. */
    public boolean usageAsked() {
        return streamOptions != null && streamOptions.includeUsage();
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ChatCompletionRequest[model=%s, %d messages, stream=%s]".formatted(model, messages.size(), stream);
    }
}
