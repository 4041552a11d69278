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
 * @param tools what the model may call; null for nothing
 * @param toolChoice null for auto where there are tools
 * @param parallelToolCalls whether one answer may have several calls; null for yes
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
        @Nullable ResponseFormatField responseFormat,
        @Nullable List<ChatTool> tools,
        @Nullable ToolChoiceField toolChoice,
        @Nullable Boolean parallelToolCalls) {

    public ChatCompletionRequest {
        tools = tools == null ? null : List.copyOf(tools);
        messages = List.copyOf(messages);
    }

    /** A conversation with every default, answered at once. */
    public static ChatCompletionRequest of(List<ChatMessage> messages) {
        return about(messages).build();
    }

    /** The same, to be said more of. */
    public static Builder about(List<ChatMessage> messages) {
        return new Builder(messages);
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
        return about(ChatMessage.readAll(fields.required("messages"), "messages")).model(fields.string("model")).stream(
                        fields.flag("stream"))
                .streamOptions(StreamOptions.read(fields))
                .maxTokens(fields.integer("max_tokens"))
                .maxCompletionTokens(fields.integer("max_completion_tokens"))
                .logprobs(fields.bool("logprobs"))
                .topLogprobs(fields.integer("top_logprobs"))
                .sampling(SamplingOptions.read(fields))
                .user(fields.string("user"))
                .responseFormat(ResponseFormatField.read(fields))
                .tools(ChatTool.readAll(fields))
                .toolChoice(ToolChoiceField.read(fields))
                .parallelToolCalls(fields.bool("parallel_tool_calls"))
                .build();
    }

    /** The same request about another conversation: what a private step before {@code chat} returns. */
    public ChatCompletionRequest withMessages(List<ChatMessage> other) {
        return about(other).model(model).stream(stream)
                .streamOptions(streamOptions)
                .maxTokens(maxTokens)
                .maxCompletionTokens(maxCompletionTokens)
                .logprobs(logprobs)
                .topLogprobs(topLogprobs)
                .sampling(sampling)
                .user(user)
                .responseFormat(responseFormat)
                .tools(tools)
                .toolChoice(toolChoice)
                .parallelToolCalls(parallelToolCalls)
                .build();
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

    /** Puts a request together, so that a new field concerns only those who use it; each method is named after its field. */
    public static final class Builder {
        private final List<ChatMessage> messages;
        private @Nullable String model;
        private boolean stream;
        private @Nullable StreamOptions streamOptions;
        private @Nullable Integer maxTokens;
        private @Nullable Integer maxCompletionTokens;
        private @Nullable Boolean logprobs;
        private @Nullable Integer topLogprobs;
        private SamplingOptions sampling = SamplingOptions.DEFAULTS;
        private @Nullable String user;
        private @Nullable ResponseFormatField responseFormat;
        private @Nullable List<ChatTool> tools;
        private @Nullable ToolChoiceField toolChoice;
        private @Nullable Boolean parallelToolCalls;

        private Builder(List<ChatMessage> messages) {
            this.messages = messages;
        }

        public Builder model(@Nullable String value) {
            model = value;
            return this;
        }

        public Builder stream(boolean value) {
            stream = value;
            return this;
        }

        public Builder streamOptions(@Nullable StreamOptions value) {
            streamOptions = value;
            return this;
        }

        public Builder maxTokens(@Nullable Integer value) {
            maxTokens = value;
            return this;
        }

        public Builder maxCompletionTokens(@Nullable Integer value) {
            maxCompletionTokens = value;
            return this;
        }

        public Builder logprobs(@Nullable Boolean value) {
            logprobs = value;
            return this;
        }

        public Builder topLogprobs(@Nullable Integer value) {
            topLogprobs = value;
            return this;
        }

        public Builder sampling(SamplingOptions value) {
            sampling = value;
            return this;
        }

        public Builder user(@Nullable String value) {
            user = value;
            return this;
        }

        public Builder responseFormat(@Nullable ResponseFormatField value) {
            responseFormat = value;
            return this;
        }

        public Builder tools(@Nullable List<ChatTool> value) {
            tools = value;
            return this;
        }

        public Builder toolChoice(@Nullable ToolChoiceField value) {
            toolChoice = value;
            return this;
        }

        public Builder parallelToolCalls(@Nullable Boolean value) {
            parallelToolCalls = value;
            return this;
        }

        public ChatCompletionRequest build() {
            return new ChatCompletionRequest(
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
                    responseFormat,
                    tools,
                    toolChoice,
                    parallelToolCalls);
        }
    }
}
