package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.Map;

/**
 * How the numbers of a tensor are stored. A row is cut into blocks of {@link #blockSize} values, each block is
 * {@link #blockBytes} bytes. Ids and sizes are those of {@code ggml_type} and the block structs in ggml's
 * {@code ggml.h} and {@code ggml-common.h}.
 */
enum DataType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    BF16(30, 1, 2);

    /** ggml's types that are not read here, so that an error can name them. */
    private static final Map<Long, String> UNSUPPORTED = Map.ofEntries(
            Map.entry(9L, "Q8_1"),
            Map.entry(10L, "Q2_K"),
            Map.entry(11L, "Q3_K"),
            Map.entry(15L, "Q8_K"),
            Map.entry(16L, "IQ2_XXS"),
            Map.entry(17L, "IQ2_XS"),
            Map.entry(18L, "IQ3_XXS"),
            Map.entry(19L, "IQ1_S"),
            Map.entry(20L, "IQ4_NL"),
            Map.entry(21L, "IQ3_S"),
            Map.entry(22L, "IQ2_S"),
            Map.entry(23L, "IQ4_XS"),
            Map.entry(24L, "I8"),
            Map.entry(25L, "I16"),
            Map.entry(26L, "I32"),
            Map.entry(27L, "I64"),
            Map.entry(28L, "F64"),
            Map.entry(29L, "IQ1_M"),
            Map.entry(34L, "TQ1_0"),
            Map.entry(35L, "TQ2_0"),
            Map.entry(39L, "MXFP4"),
            Map.entry(40L, "NVFP4"));

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    DataType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** Values in a block. */
    int blockSize() {
        return blockSize;
    }

    /** Bytes of a block. */
    int blockBytes() {
        return blockBytes;
    }

    /**
     * The type of GGUF's number for it.
     *
     * @param where file and tensor, for the error
     */
    static DataType ofGguf(long id, String where) {
        for (DataType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        String name = UNSUPPORTED.getOrDefault(id, "number " + id);
        throw new ModelException(where + " has type " + name + ", which is not supported; supported: " + names());
    }

    /**
     * The type of a safetensors {@code dtype}.
     *
     * @param where file and tensor, for the error
     */
    static DataType ofSafetensors(String dtype, String where) {
        return switch (dtype) {
            case "F32" -> F32;
            case "F16" -> F16;
            case "BF16" -> BF16;
            default ->
                throw new ModelException(where + " has dtype " + Quoted.of(dtype)
                        + ", which is not supported; supported: F32, F16, BF16");
        };
    }

    private static String names() {
        return String.join(
                ", ", java.util.Arrays.stream(values()).map(Enum::name).toList());
    }
}
