package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/completions}, OpenAI's older endpoint, which evaluation harnesses score with.
 *
 * @param model null or "default" for the one that is loaded
 * @param prompts what to continue, each on its own
 * @param stream whether the answer comes in pieces
 * @param streamOptions only with {@code stream}
 * @param maxTokens the most tokens to generate; null for OpenAI's default of 16
 * @param logprobs null for no log probabilities, else how many alternatives beside each token
 * @param echo whether the prompt is part of the answer
 * @param bestOf as {@code n}, or absent
 * @param sampling how text is chosen and when it ends
 * @param user the caller's own name for its user; changes nothing
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TextCompletionRequest(
        @Nullable String model,
        @JsonProperty("prompt") List<TextPrompt> prompts,
        boolean stream,
        @Nullable StreamOptions streamOptions,
        @Nullable Integer maxTokens,
        @Nullable Integer logprobs,
        boolean echo,
        @Nullable Integer bestOf,
        @JsonUnwrapped SamplingOptions sampling,
        @Nullable String user) {

    public TextCompletionRequest {
        prompts = List.copyOf(prompts);
    }

    /** One text with every default, answered at once. */
    public static TextCompletionRequest of(String prompt) {
        return new TextCompletionRequest(
                null,
                List.of(new TextPrompt.Text(prompt)),
                false,
                null,
                null,
                null,
                false,
                null,
                SamplingOptions.DEFAULTS,
                null);
    }

    /**
     * Reads a request body, strictly.
     *
     * @throws InvalidRequestException where a known field has a wrong type, or asks for what is not supported
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static TextCompletionRequest read(@Nullable JsonNode body) {
        var fields = Fields.ofBody(body);
        Unsupported.refuseInText(fields);
        return new TextCompletionRequest(
                fields.string("model"),
                TextPrompt.readAll(fields.required("prompt"), "prompt"),
                fields.flag("stream"),
                StreamOptions.read(fields),
                fields.integer("max_tokens"),
                fields.integer("logprobs"),
                fields.flag("echo"),
                fields.integer("best_of"),
                SamplingOptions.read(fields),
                fields.string("user"));
    }

    /** Whether a stream ends with its usage. */
    public boolean usageAsked() {
        return streamOptions != null && streamOptions.includeUsage();
    }

    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "TextCompletionRequest[model=%s, %d prompts, stream=%s]".formatted(model, prompts.size(), stream);
    }
}
