package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tensor as it lies in a mapped file. Its data is only read when asked for.
 *
 * @param name the file's own name for it
 * @param shape output features first, none zero; the last is a multiple of the type's block
 * @param data exactly its bytes
 * @param rotaryHeads heads whose rows GGUF keeps in adjacent pairs and {@link #read} turns back into halves; 0 for none
 * @param shift what {@link #read} adds to each value
 */
record StoredTensor(String name, DataType type, List<Long> shape, MemorySegment data, int rotaryHeads, float shift) {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Values that one task decodes: large enough to be worth a task, small enough for the second-level cache. */
    private static final int TASK = 1 << 16;

    /** Below this many values one thread is as fast. */
    private static final int PARALLEL = 1 << 20;

    private static final int MOST_DIMENSIONS = 4;

    StoredTensor {
        shape = List.copyOf(shape);
    }

    /** As it lies in the file. */
    StoredTensor(String name, DataType type, List<Long> shape, MemorySegment data) {
        this(name, type, shape, data, 0, 0);
    }

    /**
     * How many bytes a tensor takes, computed without overflow.
     *
     * @param where file and tensor, for errors
     */
    static long byteSize(DataType type, List<Long> shape, String where) {
        if (shape.isEmpty() || shape.size() > MOST_DIMENSIONS) {
            throw new ModelException(where + " has " + shape.size() + " dimensions; 1 to 4 are possible");
        }
        long elements = 1;
        for (long length : shape) {
            if (length <= 0 || length > Long.MAX_VALUE / 4 / elements) {
                throw new ModelException(where + " has impossible dimensions " + shape);
            }
            elements *= length;
        }
        if (shape.getLast() % type.blockSize() != 0) {
            throw new ModelException(where + " has rows of " + shape.getLast() + " values; " + type
                    + " needs a multiple of " + type.blockSize());
        }
        // At most 4 bytes a value, so this cannot overflow after the check above.
        return elements / type.blockSize() * type.blockBytes();
    }

    StoredTensor withRotaryHeads(int heads) {
        return new StoredTensor(name, type, shape, data, heads, shift);
    }

    /** Of a norm that is stored as its difference from 1. */
    StoredTensor withShift(float added) {
        return new StoredTensor(name, type, shape, data, rotaryHeads, added);
    }

    /** How many values. */
    long elements() {
        return data.byteSize() / type.blockBytes() * type.blockSize();
    }

    /** Decodes all values in row-major order; large tensors on all processors of the common pool. */
    void read(float[] target) {
        long elements = elements();
        if (elements > target.length) {
            throw new IllegalArgumentException(
                    "tensor " + name + " has " + elements + " values, the target holds " + target.length);
        }
        // A bias is a column of one-value rows where it has to be permuted.
        int columns = shape.size() == 1 && rotaryHeads > 0 ? 1 : Math.toIntExact(shape.getLast());
        int rows = (int) (elements / columns);
        int rowsInTask = Math.max(1, TASK / columns);
        IntStream tasks = IntStream.range(0, (rows + rowsInTask - 1) / rowsInTask);
        try {
            (elements > PARALLEL ? tasks.parallel() : tasks).forEach(task -> {
                int first = task * rowsInTask;
                readRows(first, Math.min(rows, first + rowsInTask), columns, rows, target);
            });
            for (int i = 0; shift != 0 && i < elements; i++) {
                target[i] += shift;
            }
        } catch (InternalError e) { // how the JVM reports a page of a mapping that is no longer backed by the file
            throw new ModelException("tensor " + name + " cannot be read: its file was cut short while it was open", e);
        }
    }

    boolean hasFourBits() {
        return shape.size() == 2 && shift == 0 && (type == DataType.Q4_0 || type == DataType.Q4_1);
    }

    /** All numbers, scales and minimums, rows in the order of {@link #read}. */
    FourBits readFourBits() {
        if (!hasFourBits()) {
            throw new IllegalArgumentException("tensor " + name + " of type " + type + " has no numbers of 4 bits");
        }
        int rows = Math.toIntExact(shape.getFirst());
        int blocks = Math.toIntExact(shape.getLast() / type.blockSize());
        FourBits all = new FourBits(
                new byte[rows * blocks * type.blockSize()], new float[rows * blocks], new float[rows * blocks]);
        byte[] raw = new byte[blocks * type.blockBytes()];
        try {
            for (int row = 0; row < rows; row++) {
                long from = rotaryHeads == 0 ? row : pairedRow(row, rows / rotaryHeads);
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from * raw.length, raw, 0, raw.length);
                BlockDecoder.fourBits(type, raw, blocks, all, row * blocks);
            }
        } catch (InternalError e) { // as in read
            throw new ModelException("tensor " + name + " cannot be read: its file was cut short while it was open", e);
        }
        return all;
    }

    private void readRows(int from, int to, int columns, int rows, float[] target) {
        if (rotaryHeads == 0) {
            decode((long) from * columns, (to - from) * columns, target, from * columns);
            return;
        }
        for (int row = from; row < to; row++) {
            decode((long) pairedRow(row, rows / rotaryHeads) * columns, columns, target, row * columns);
        }
    }

    /** Where GGUF keeps a row: value i of the first half of a head is row 2i there, of the second half row 2i + 1. */
    private static int pairedRow(int row, int headSize) {
        int inHead = row % headSize;
        int half = headSize / 2;
        return row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    }

    private void decode(long element, int count, float[] target, int at) {
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, element * Float.BYTES, target, at, count);
            case F16 -> {
                short[] halves = shorts(element, count);
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.float16ToFloat(halves[i]);
                }
            }
            case BF16 -> {
                short[] halves = shorts(element, count);
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.intBitsToFloat(halves[i] << 16);
                }
            }
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> {
                int blocks = count / type.blockSize();
                byte[] raw = new byte[blocks * type.blockBytes()];
                long from = element / type.blockSize() * type.blockBytes();
                MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, raw, 0, raw.length);
                BlockDecoder.decode(type, raw, blocks, target, at);
            }
        }
    }

    private short[] shorts(long element, int count) {
        short[] values = new short[count];
        MemorySegment.copy(data, SHORT, element * Short.BYTES, values, 0, count);
        return values;
    }
}
