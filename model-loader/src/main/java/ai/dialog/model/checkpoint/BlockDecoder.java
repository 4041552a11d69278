package ai.dialog.model.checkpoint;

/**
 * Turns quantised blocks into float32: the legacy types of 32 values and the K-quants of 256. The layouts are those of
 * ggml's {@code block_*} structs ({@code ggml-common.h}), the arithmetic and its order that of the reference
 * {@code dequantize_row_*} ({@code ggml-quants.c}), so that results are equal bit for bit.
 *
 * <p>Loops run over one block with constant bounds on a heap array, which the JIT compiles to vector code.
 */
final class BlockDecoder {

    private BlockDecoder() {}

    /**
     * Decodes whole blocks.
     *
     * @param raw the blocks, from index 0
     * @param target receives {@code blocks * type.blockSize()} values from index {@code at}
     */
    static void decode(DataType type, byte[] raw, int blocks, float[] target, int at) {
        int bytes = type.blockBytes();
        int size = type.blockSize();
        for (int block = 0; block < blocks; block++) {
            int from = block * bytes;
            int to = at + block * size;
            switch (type) {
                case Q4_0 -> nibbles(raw, from + 2, scale(raw, from), target, to);
                case Q4_1 -> nibbles(raw, from + 4, scale(raw, from), scale(raw, from + 2), target, to);
                case Q5_0 -> fiveBits(raw, from + 2, scale(raw, from), target, to);
                case Q5_1 -> fiveBits(raw, from + 4, scale(raw, from), scale(raw, from + 2), target, to);
                case Q8_0 -> bytes(raw, from + 2, scale(raw, from), target, to);
                case Q4_K -> fourBitK(raw, from, target, to);
                case Q5_K -> fiveBitK(raw, from, target, to);
                case Q6_K -> sixBitK(raw, from, target, to);
                case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
            }
        }
    }

    /**
     * Takes whole blocks of Q4_0 or Q4_1 apart.
     *
     * @param raw the blocks, from index 0
     * @param target receives them from its block {@code at}
     */
    static void fourBits(DataType type, byte[] raw, int blocks, FourBits target, int at) {
        int bytes = type.blockBytes();
        int half = FourBits.GROUP / 2;
        for (int block = 0; block < blocks; block++) {
            int from = block * bytes;
            int group = at + block;
            float scale = scale(raw, from);
            target.scales()[group] = scale;
            // 8 stands for zero in Q4_0
            target.minimums()[group] = type == DataType.Q4_1 ? scale(raw, from + 2) : -8 * scale;
            int numbers = from + bytes - half;
            for (int i = 0; i < half; i++) {
                target.numbers()[group * FourBits.GROUP + i] = (byte) (raw[numbers + i] & 15);
                target.numbers()[group * FourBits.GROUP + half + i] = (byte) (raw[numbers + i] >> 4 & 15);
            }
        }
    }

    /** A little-endian float16. */
    private static float scale(byte[] raw, int at) {
        return Float.float16ToFloat((short) ((raw[at] & 0xff) | raw[at + 1] << 8));
    }

    private static int int32(byte[] raw, int at) {
        return (raw[at] & 0xff) | (raw[at + 1] & 0xff) << 8 | (raw[at + 2] & 0xff) << 16 | raw[at + 3] << 24;
    }

    /** Q4_0: 16 bytes; the low halves are values 0 to 15, the high halves 16 to 31; 8 stands for zero. */
    private static void nibbles(byte[] raw, int from, float scale, float[] target, int to) {
        for (int i = 0; i < 16; i++) {
            target[to + i] = scale * ((raw[from + i] & 15) - 8);
        }
        for (int i = 0; i < 16; i++) {
            target[to + 16 + i] = scale * ((raw[from + i] >> 4 & 15) - 8);
        }
    }

    /** Q4_1: as Q4_0, with a minimum in place of the fixed offset. */
    private static void nibbles(byte[] raw, int from, float scale, float minimum, float[] target, int to) {
        for (int i = 0; i < 16; i++) {
            target[to + i] = scale * (raw[from + i] & 15) + minimum;
        }
        for (int i = 0; i < 16; i++) {
            target[to + 16 + i] = scale * (raw[from + i] >> 4 & 15) + minimum;
        }
    }

    /** Q5_0: 32 fifth bits, value by value, before the nibbles of Q4_0; 16 stands for zero. */
    private static void fiveBits(byte[] raw, int from, float scale, float[] target, int to) {
        int high = int32(raw, from);
        for (int i = 0; i < 16; i++) {
            target[to + i] = scale * (((raw[from + 4 + i] & 15) | (high >>> i & 1) << 4) - 16);
        }
        for (int i = 0; i < 16; i++) {
            target[to + 16 + i] = scale * (((raw[from + 4 + i] >> 4 & 15) | (high >>> (i + 16) & 1) << 4) - 16);
        }
    }

    /** Q5_1: as Q5_0, with a minimum in place of the fixed offset. */
    private static void fiveBits(byte[] raw, int from, float scale, float minimum, float[] target, int to) {
        int high = int32(raw, from);
        for (int i = 0; i < 16; i++) {
            target[to + i] = scale * ((raw[from + 4 + i] & 15) | (high >>> i & 1) << 4) + minimum;
        }
        for (int i = 0; i < 16; i++) {
            target[to + 16 + i] = scale * ((raw[from + 4 + i] >> 4 & 15) | (high >>> (i + 16) & 1) << 4) + minimum;
        }
    }

    /** Q8_0: 32 signed bytes. */
    private static void bytes(byte[] raw, int from, float scale, float[] target, int to) {
        for (int i = 0; i < 32; i++) {
            target[to + i] = scale * raw[from + i];
        }
    }

    /** The 6-bit scale of one of the eight groups of a Q4_K or Q5_K block: {@code get_scale_min_k4}. */
    private static int groupScale(byte[] raw, int scales, int group) {
        return group < 4
                ? raw[scales + group] & 63
                : (raw[scales + group + 4] & 15) | (raw[scales + group - 4] >> 6 & 3) << 4;
    }

    /** The 6-bit minimum of one of the eight groups. */
    private static int groupMinimum(byte[] raw, int scales, int group) {
        return group < 4
                ? raw[scales + group + 4] & 63
                : (raw[scales + group + 4] >> 4 & 15) | (raw[scales + group] >> 6 & 3) << 4;
    }

    /**
     * Q4_K: scale and minimum of the block, twelve bytes of 6-bit scales and minimums of its eight groups of 32, then
     * 128 bytes: each 32 bytes hold one group in their low halves and the next in their high halves.
     */
    private static void fourBitK(byte[] raw, int from, float[] target, int to) {
        float scale = scale(raw, from);
        float minimum = scale(raw, from + 2);
        for (int group = 0; group < 8; group++) {
            float groupScale = scale * groupScale(raw, from + 4, group);
            float groupMinimum = minimum * groupMinimum(raw, from + 4, group);
            int quants = from + 16 + (group >> 1) * 32;
            int shift = (group & 1) * 4;
            int out = to + group * 32;
            for (int i = 0; i < 32; i++) {
                target[out + i] = groupScale * (raw[quants + i] >> shift & 15) - groupMinimum;
            }
        }
    }

    /** Q5_K: as Q4_K, with 32 bytes of fifth bits before the halves; bit g of byte i belongs to value i of group g. */
    private static void fiveBitK(byte[] raw, int from, float[] target, int to) {
        float scale = scale(raw, from);
        float minimum = scale(raw, from + 2);
        for (int group = 0; group < 8; group++) {
            float groupScale = scale * groupScale(raw, from + 4, group);
            float groupMinimum = minimum * groupMinimum(raw, from + 4, group);
            int high = from + 16;
            int quants = from + 48 + (group >> 1) * 32;
            int shift = (group & 1) * 4;
            int out = to + group * 32;
            for (int i = 0; i < 32; i++) {
                int value = (raw[quants + i] >> shift & 15) | (raw[high + i] >> group & 1) << 4;
                target[out + i] = groupScale * value - groupMinimum;
            }
        }
    }

    /**
     * Q6_K: 128 bytes of low halves, 64 bytes of high pairs of bits, sixteen signed scales (one for 16 values), the
     * scale of the block. In each half of 128 values: values 0–31 and 64–95 share 32 bytes of low halves, 32–63 and
     * 96–127 the next 32; the pairs of all four share 32 bytes.
     */
    private static void sixBitK(byte[] raw, int from, float[] target, int to) {
        float scale = scale(raw, from + 208);
        for (int group = 0; group < 16; group++) {
            float groupScale = scale * raw[from + 192 + group];
            int half = group >> 3;
            int quarter = group >> 1 & 3;
            int odd = (group & 1) * 16;
            int low = from + half * 64 + (quarter & 1) * 32 + odd;
            int lowShift = (quarter >> 1) * 4;
            int high = from + 128 + half * 32 + odd;
            int highShift = quarter * 2;
            int out = to + group * 16;
            for (int i = 0; i < 16; i++) {
                int value = (raw[low + i] >> lowShift & 15) | (raw[high + i] >> highShift & 3) << 4;
                target[out + i] = groupScale * (value - 32);
            }
        }
    }
}
