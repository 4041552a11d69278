package ai.dialog.functions.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of a completion as it is made. */
public sealed interface CompletionChunk {

    /**
     * The request is being computed: from here on it costs something. The first chunk, at most once.
     *
     * @param promptTokens how many tokens the prompt has; null where that is not known yet
     */
    record Begun(@Nullable Integer promptTokens) implements CompletionChunk {}

    /**
     * More text of one choice; never half a character, never part of a stop string.
     *
     * @param choice index of the choice, from 0
     * @param logprobs one entry for each token that the text is made of, empty where not asked for
     * @param tokens how many tokens were generated since the choice's last delta; 0 for a prompt that is given back
     */
    record Delta(int choice, String text, List<TokenLogprob> logprobs, int tokens) implements CompletionChunk {
        public Delta {
            logprobs = List.copyOf(logprobs);
        }

        /** Of as many tokens as have log probabilities; of one where they were not asked for. */
        public Delta(int choice, String text, List<TokenLogprob> logprobs) {
            this(choice, text, logprobs, Math.max(1, logprobs.size()));
        }
    }

    /**
     * A piece of a call of a tool. The calls of a choice come one after the other; the pieces of a call's arguments, put
     * together, are JSON text that satisfies the tool's schema, unless the choice ends for its length.
     *
     * @param choice index of the choice, from 0
     * @param index of the call within the choice, from 0
     * @param id the call's own, {@code call_…}; in its first piece only, null in the others
     * @param name the tool's; in the call's first piece only, null in the others
     * @param arguments a piece of JSON text, perhaps empty; never half a character
     * @param tokens how many tokens were generated since the choice's last delta of either kind
     */
    record ToolCallDelta(
            int choice,
            int index,
            @Nullable String id,
            @Nullable String name,
            String arguments,
            int tokens) implements CompletionChunk {

        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "ToolCallDelta[choice=%d, index=%d, %d characters]".formatted(choice, index, arguments.length());
        }
    }

    /** A choice has ended. */
    record Finish(int choice, FinishReason reason) implements CompletionChunk {}

    /** All choices have ended; the last chunk. */
    record Total(Usage usage) implements CompletionChunk {}
}
