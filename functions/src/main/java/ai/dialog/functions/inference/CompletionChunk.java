package ai.dialog.functions.inference;

import java.util.List;

/** A piece of a completion as it is made. */
public sealed interface CompletionChunk {

    /**
     * More text of one choice; never half a character, never part of a stop string.
     *
     * @param choice index of the choice, from 0
     * @param logprobs one entry for each token that the text is made of, empty where not asked for
     */
    record Delta(int choice, String text, List<TokenLogprob> logprobs) implements CompletionChunk {
        public Delta {
            logprobs = List.copyOf(logprobs);
        }
    }

    /** A choice has ended. */
    record Finish(int choice, FinishReason reason) implements CompletionChunk {}

    /** All choices have ended; the last chunk. */
    record Total(Usage usage) implements CompletionChunk {}
}
