package ai.dialog.functions.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Log probabilities as {@code /v1/chat/completions} gives them.
 *
 * @param content one entry for each token
 * @param refusal always null: nothing here refuses in the model's name
 */
public record ChatLogprobs(
        @Nullable List<TokenEntry> content, @Nullable List<TokenEntry> refusal) {

    /** Without a refusal. */
    public static ChatLogprobs of(List<TokenEntry> content) {
        return new ChatLogprobs(List.copyOf(content), null);
    }

    /**
     * One token of the text.
     *
     * @param logprob natural logarithm of its probability; -9999 where it was nil
     * @param bytes its exact bytes, null where they are not known
     * @param topLogprobs the likeliest tokens at its place, best first
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record TokenEntry(
            String token, double logprob, @Nullable List<Integer> bytes, List<Alternative> topLogprobs) {}

    /** A token that could have stood at the same place. */
    public record Alternative(
            String token, double logprob, @Nullable List<Integer> bytes) {}
}
