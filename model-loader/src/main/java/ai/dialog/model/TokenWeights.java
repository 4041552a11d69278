package ai.dialog.model;

/**
 * What the tokens of some rows weigh: numbers in proportion to their probabilities. They stay where they were computed, and
 * are read by blocks of {@link #BLOCK} tokens, the last of which may be shorter: who draws a token needs all sums and one
 * block, or those few whose largest says that a heavy token is in them. Valid until closed.
 */
public interface TokenWeights extends AutoCloseable {

    /** Tokens of a block. With 50,000 tokens that makes about as many blocks as a block has tokens. */
    int BLOCK = 256;

    /**
     * Copies the sum of each block of a row; not a number where the row's scores are not.
     *
     * @param target at least as long as there are blocks
     */
    void copySums(int row, float[] target);

    /**
     * Copies the largest weight of each block of a row.
     *
     * @param target at least as long as there are blocks
     */
    void copyLargest(int row, float[] target);

    /**
     * Copies a block of a row.
     *
     * @param target at least {@link #BLOCK} long
     * @return how many tokens the block has
     */
    int copyBlock(int row, int block, float[] target);

    @Override
    void close();
}
