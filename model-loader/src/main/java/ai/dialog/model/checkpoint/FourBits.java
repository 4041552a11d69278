package ai.dialog.model.checkpoint;

/**
 * A matrix of numbers from 0 to 15 as GGUF's types Q4_0 and Q4_1 keep it: each row in groups of {@link #GROUP}, a value being the
 * group's scale times its number plus the group's minimum. Rows are in the order of {@link Checkpoint#read}.
 *
 * @param numbers one in each byte, row-major
 * @param scales of each group, row-major
 * @param minimums of each group, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of megabytes, never compared
public record FourBits(byte[] numbers, float[] scales, float[] minimums) {
    /** Numbers that share a scale and a minimum: the block of both types. */
    public static final int GROUP = 32;
}
