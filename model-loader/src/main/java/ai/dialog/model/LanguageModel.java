package ai.dialog.model;

import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.tokenizer.Tokenizer;
import java.util.List;

/**
 * From tokens to next-token scores: one loaded checkpoint with its key/value cache. Not thread-safe: one thread (the
 * scheduler's) makes all calls to {@link #settle}, {@link #open}, {@link #copy}, {@link #prefill}, {@link #decode} and
 * {@link Sequence#close}; tokenizer and template may be used from any thread.
 */
public interface LanguageModel extends AutoCloseable {

    /** What is loaded. */
    ModelInfo info();

    /** The checkpoint's tokenizer; thread-safe. */
    Tokenizer tokenizer();

    /** The checkpoint's chat template; thread-safe. */
    ChatTemplate chatTemplate();

    /** How many sequences can be open at once. */
    int slots();

    /** The most tokens that one sequence can hold: the checkpoint's context, or less where it was limited at load. */
    int contextLength();

    /**
     * Does a small part, some tens of milliseconds at most, of what was put off at load so that the first answer need not wait for
     * it, and makes later steps faster. A model is of use without it; its scores are not quite the same.
     *
     * @return whether there is more to do
     */
    default boolean settle() {
        return false;
    }

    /** Does all that was put off at load. */
    default void settleAll() {
        while (settle()) {
            // a part each time
        }
    }

    /**
     * Takes a free place in the cache.
     *
     * @param most tokens that the sequence may come to hold, so that it is moved less often; 0 if that is not known
     * @throws IllegalStateException if all {@link #slots} are taken
     */
    Sequence open(int most);

    /** {@link #open(int)} where it is not known how long the sequence will be. */
    default Sequence open() {
        return open(0);
    }

    /**
     * Gives an empty sequence the first tokens of another, which is left as it is: what follows costs as if they had been
     * computed here.
     *
     * @param length how many tokens, at least one, at most the source's length
     * @param target empty, and not the source
     * @param room how many tokens the target will have soon, so that it is not copied again as it grows
     */
    void copy(Sequence source, int length, Sequence target, int room);

    /**
     * Appends tokens to a sequence and scores what follows. A long prompt may be given in several calls.
     *
     * @param tokens at least one; the sequence's length and these together at most {@link #contextLength}
     * @param everyPosition true for one row of scores for each token given, false for one row after the last
     */
    Scores prefill(Sequence sequence, int[] tokens, boolean everyPosition);

    /**
     * Appends tokens to several sequences in one call, which takes less time than one for each.
     *
     * @param sequences distinct, at least one
     * @param tokens at least one for each of these
     * @return row {@code i} scores what follows in sequence {@code i}
     */
    Scores prefill(List<Sequence> sequences, List<int[]> tokens);

    /**
     * Appends one token to each of several sequences in one step.
     *
     * @param sequences distinct, each shorter than {@link #contextLength}
     * @param tokens one for each sequence
     * @return row {@code i} scores what follows in sequence {@code i}
     */
    Scores decode(List<Sequence> sequences, int[] tokens);

    /** Bytes that the key/value cache holds now. */
    long cacheBytes();

    /**
     * What sequences may take together, each at its longest by {@link #sequenceBytes}. Where they keep to it the cache stays
     * below the bound that it was loaded with, also while it grows; one that is opened beyond may find no room.
     */
    long cacheLimit();

    /** What a sequence of so many tokens takes of {@link #cacheLimit}. */
    long sequenceBytes(int tokens);

    @Override
    void close();

    /** One conversation's place in the cache. */
    interface Sequence extends AutoCloseable {

        /** Tokens it holds. */
        int length();

        /**
         * Forgets the last tokens.
         *
         * @param length how many it holds afterwards; at least 1, at most as many as now
         */
        void truncate(int length);

        /** What it takes of {@link LanguageModel#cacheLimit} now; 0 before its first token. */
        long bytes();

        /** Gives the place back; harmless the second time, and after the model was closed. */
        @Override
        void close();
    }

    /** Rows of unnormalised next-token scores (logits), valid until closed. */
    interface Scores extends AutoCloseable {

        /** How many rows. */
        int rows();

        /** The best token of every row; the lowest id where several are equal. */
        int[] argmax();

        /**
         * Copies one row to the heap.
         *
         * @param target at least as long as the vocabulary
         */
        void copyRow(int row, float[] target);

        /**
         * What the tokens of some rows weigh, {@code exp(score / temperature)} in proportion, computed for all of them in one
         * call where the scores are. Row {@code i} of the weights is row {@code rows[i]} of the scores.
         *
         * @param rows distinct, at least one
         * @param temperatures one for each of these rows, above 0
         * @return to be closed before the scores
         */
        TokenWeights weigh(int[] rows, double[] temperatures);

        @Override
        void close();
    }
}
