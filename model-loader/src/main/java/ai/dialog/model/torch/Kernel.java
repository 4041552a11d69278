package ai.dialog.model.torch;

/** What multiplies matrices. */
enum Kernel {
    /** PyTorch's own choice, weights as they are: CUDA. */
    PLAIN(0),
    /** oneDNN with weights in its own blocked layout: two to three times as fast as MKL for 2 to 32 rows on AVX2. */
    ONE_DNN(1),
    /** The same in bfloat16 on a processor with AMX, whose kernels are made for each shape and kept: lengths are rounded up. */
    ONE_DNN_TILES(1),
    /** FBGEMM with float16 weights and float32 activations: half the memory traffic without bfloat16 in hardware. */
    FBGEMM_FLOAT16(2),
    /** FBGEMM with int8 weights and activations, on a processor with VNNI. */
    FBGEMM_INT8(3),
    /**
     * The same for few rows; from {@link #tiledFrom} on oneDNN's product of int8 on a processor with AMX, whose tiles FBGEMM does not
     * use. Both layouts of the weights are kept; FBGEMM's of the layers is made after the load, until when tiles serve few rows too.
     */
    INT8_TILES(3),
    /** Without VNNI, FBGEMM with activations of 7 bits: the sum of two products of 8 bits would overflow. */
    FBGEMM_INT8_REDUCED(3);

    private final int number;

    Kernel(int number) {
        this.number = number;
    }

    /** Whether activations have a bit less. */
    boolean reduced() {
        return this == FBGEMM_INT8_REDUCED;
    }

    /** From how many rows on prompts are multiplied by tiles, and rounded up to their height; 0 where there are none. */
    int tiledFrom() {
        return this == INT8_TILES || this == ONE_DNN_TILES ? 32 : 0;
    }

    /** By which {@code decoder.py} knows it. */
    int number() {
        return number;
    }
}
