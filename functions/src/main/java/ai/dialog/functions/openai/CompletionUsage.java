package ai.dialog.functions.openai;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The tokens that a request took.
 *
 * @param promptTokensDetails null only where another server did not tell
 */
@JsonNaming(SnakeCaseStrategy.class)
public record CompletionUsage(
        int promptTokens,
        int completionTokens,
        int totalTokens,
        @Nullable PromptTokensDetails promptTokensDetails) {

    /**
     * What is known of the prompt's tokens.
     *
     * @param cachedTokens those that were not computed again
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record PromptTokensDetails(int cachedTokens) {}

    /** The usage of a request, its total computed. */
    public static CompletionUsage of(int promptTokens, int completionTokens, int cachedTokens) {
        return new CompletionUsage(
                promptTokens,
                completionTokens,
                Math.addExact(promptTokens, completionTokens),
                new PromptTokensDetails(cachedTokens));
    }
}
