package ai.dialog.model;

/**
 * What the tokens of some rows weigh: numbers in proportion to their probabilities. They stay where they were computed, and
 * are read by blocks of {@link #BLOCK} tokens, the last of which may be shorter: who draws a token needs all sums and one
 * block, or those few whose largest says that a heavy token is in them. Valid until closed.
 */
public interface TokenWeights extends AutoCloseable {

    /**
     * Tokens of a block. Sums of more tokens are cheaper (with 50,000 tokens and 32 rows 0.1 ms of 1.2), but a few hundred heavy tokens
     * lie in nearly all blocks of 256.
     */
    int BLOCK = 64;

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
