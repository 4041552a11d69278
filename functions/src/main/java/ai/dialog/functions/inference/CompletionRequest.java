package ai.dialog.functions.inference;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request for generated text; every number was bounded by the function that made it.
 *
 * @param model the model's id, or {@link #DEFAULT_MODEL}
 * @param prompt what to continue
 * @param choices how many independent continuations, at least 1
 * @param maxTokens the most tokens to generate for each choice; null for what the context leaves
 * @param minTokens no end-of-sequence and no stop string before this many tokens
 * @param sampling how the next token is chosen
 * @param stop strings that end a choice and are not part of its text
 * @param ignoreEos whether the end-of-sequence token is generated like any other
 * @param topLogprobs null for no log probabilities, else how many alternatives to give beside each token's own
 * @param echo whether the prompt is given back as the first delta (with log probabilities where asked)
 * @param deadline when the generation ends whatever it has reached; null for none
 * @param tenant who asks: requests of one tenant may share caches, requests of two never do
 * @param format the form that the text must have
 */
public record CompletionRequest(
        String model,
        Prompt prompt,
        int choices,
        @Nullable Integer maxTokens,
        int minTokens,
        Sampling sampling,
        List<String> stop,
        boolean ignoreEos,
        @Nullable Integer topLogprobs,
        boolean echo,
        @Nullable Instant deadline,
        String tenant,
        ResponseFormat format) {

    /** Names whichever model is loaded. */
    public static final String DEFAULT_MODEL = "default";

    public CompletionRequest {
        stop = List.copyOf(stop);
    }

    /** For any text. */
    public CompletionRequest(
            String model,
            Prompt prompt,
            int choices,
            @Nullable Integer maxTokens,
            int minTokens,
            Sampling sampling,
            List<String> stop,
            boolean ignoreEos,
            @Nullable Integer topLogprobs,
            boolean echo,
            @Nullable Instant deadline,
            String tenant) {
        this(
                model,
                prompt,
                choices,
                maxTokens,
                minTokens,
                sampling,
                stop,
                ignoreEos,
                topLogprobs,
                echo,
                deadline,
                tenant,
                ResponseFormat.TEXT);
    }

    /** The same with another bound of tokens. */
    public CompletionRequest withMaxTokens(int most) {
        return new CompletionRequest(
                model,
                prompt,
                choices,
                most,
                minTokens,
                sampling,
                stop,
                ignoreEos,
                topLogprobs,
                echo,
                deadline,
                tenant,
                format);
    }

    /** Without the prompt and what came with it, so that no log has it. */
    @Override
    public String toString() {
        return "CompletionRequest[model=%s, choices=%d, maxTokens=%s]".formatted(model, choices, maxTokens);
    }
}
