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
 * @param tools what the model may call; none but for a conversation
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
        ResponseFormat format,
        ToolUse tools) {

    /** Names whichever model is loaded. */
    public static final String DEFAULT_MODEL = "default";

    public CompletionRequest {
        stop = List.copyOf(stop);
    }

    /** A request for one continuation, greedy, of any text, within no other limit than the context. */
    public static Builder of(Prompt prompt, String tenant) {
        return new Builder(prompt, tenant);
    }

    /** The same with another bound of tokens. */
    public CompletionRequest withMaxTokens(int most) {
        return changed().maxTokens(most).build();
    }

    private Builder changed() {
        return of(prompt, tenant)
                .model(model)
                .choices(choices)
                .maxTokens(maxTokens)
                .minTokens(minTokens)
                .sampling(sampling)
                .stop(stop)
                .ignoreEos(ignoreEos)
                .topLogprobs(topLogprobs)
                .echo(echo)
                .deadline(deadline)
                .format(format)
                .tools(tools);
    }

    /** Without the prompt and what came with it, so that no log has it. */
    @Override
    public String toString() {
        return "CompletionRequest[model=%s, choices=%d, maxTokens=%s]".formatted(model, choices, maxTokens);
    }

    /** Puts a request together, so that a new field concerns only those who use it; each method is named after its field. */
    public static final class Builder {
        private final Prompt prompt;
        private final String tenant;
        private String model = DEFAULT_MODEL;
        private int choices = 1;
        private @Nullable Integer maxTokens;
        private int minTokens;
        private Sampling sampling = Sampling.GREEDY;
        private List<String> stop = List.of();
        private boolean ignoreEos;
        private @Nullable Integer topLogprobs;
        private boolean echo;
        private @Nullable Instant deadline;
        private ResponseFormat format = ResponseFormat.TEXT;
        private ToolUse tools = ToolUse.NOTHING;

        private Builder(Prompt prompt, String tenant) {
            this.prompt = prompt;
            this.tenant = tenant;
        }

        public Builder model(String value) {
            model = value;
            return this;
        }

        public Builder choices(int value) {
            choices = value;
            return this;
        }

        public Builder maxTokens(@Nullable Integer value) {
            maxTokens = value;
            return this;
        }

        public Builder minTokens(int value) {
            minTokens = value;
            return this;
        }

        public Builder sampling(Sampling value) {
            sampling = value;
            return this;
        }

        public Builder stop(List<String> value) {
            stop = value;
            return this;
        }

        public Builder ignoreEos(boolean value) {
            ignoreEos = value;
            return this;
        }

        public Builder topLogprobs(@Nullable Integer value) {
            topLogprobs = value;
            return this;
        }

        public Builder echo(boolean value) {
            echo = value;
            return this;
        }

        public Builder deadline(@Nullable Instant value) {
            deadline = value;
            return this;
        }

        public Builder format(ResponseFormat value) {
            format = value;
            return this;
        }

        public Builder tools(ToolUse value) {
            tools = value;
            return this;
        }

        public CompletionRequest build() {
            return new CompletionRequest(
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
                    format,
                    tools);
        }
    }
}
