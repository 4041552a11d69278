package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredTensorTest {

    @TempDir
    Path folder;

    @Test
    void aLargeTensorIsReadInPartsAtOnceAndEveryValueIsInItsPlace() {
        int rows = 1_500;
        int columns = 1_000; // no power of two, so that parts do not end on round numbers
        short[] halves = new short[rows * columns];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) (i * 31 % 30_000);
        }
        ByteBuffer bytes = ByteBuffer.allocate(halves.length * 2).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(halves);
        StoredTensor tensor = new StoredTensor(
                "t", DataType.BF16, List.of((long) rows, (long) columns), MemorySegment.ofArray(bytes.array()));
        float[] values = new float[rows * columns];
        tensor.read(values);
        for (int i = 0; i < values.length; i++) {
            if (Float.floatToRawIntBits(values[i]) != halves[i] << 16) {
                assertThat(values[i]).as("value %d", i).isEqualTo(Float.intBitsToFloat(halves[i] << 16));
            }
        }
    }

    @Test
    void adjacentPairsOfEachHeadBecomeHalves() {
        MemorySegment rows =
                MemorySegment.ofArray(new float[] {0, 4, 1, 5, 2, 6, 3, 7, 10, 14, 11, 15, 12, 16, 13, 17});
        StoredTensor bias = new StoredTensor("b", DataType.F32, List.of(16L), rows).withRotaryHeads(2);
        float[] values = new float[16];
        bias.read(values);
        assertThat(values).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17);
        StoredTensor weight = new StoredTensor("w", DataType.F32, List.of(8L, 2L), rows).withRotaryHeads(1);
        weight.read(values);
        assertThat(values).containsExactly(0, 4, 2, 6, 10, 14, 12, 16, 1, 5, 3, 7, 11, 15, 13, 17);
    }

    @Test
    void aTensorBeyondTwoGibibytesOfAFileIsRead() throws IOException {
        long far = 3L << 30;
        Path file = folder.resolve("sparse.gguf");
        byte[] header =
                GgufBytes.header(3, 1, 0).tensor("far", 0, far, 2).align().array();
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(header));
            byte[] value = new GgufBytes()
                    .int32(Float.floatToIntBits(1.5f))
                    .int32(Float.floatToIntBits(-2f))
                    .array();
            out.write(ByteBuffer.wrap(value), header.length + far); // the hole between takes no room
        }
        try (MappedFile mapped = MappedFile.open(file)) {
            float[] values = new float[2];
            Objects.requireNonNull(
                            GgufFile.parse(mapped.segment(), "sparse").tensors().get("far"))
                    .read(values);
            assertThat(values).containsExactly(1.5f, -2f);
        }
    }
}
