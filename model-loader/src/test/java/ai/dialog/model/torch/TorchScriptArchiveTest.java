package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.TensorNames;
import ai.djl.Device;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptArchiveTest {
    @TempDir
    Path folder;

    private ZipFile write(TinyCheckpoint checkpoint, Precision precision) throws IOException {
        Path file = folder.resolve("archive.pt");
        new TorchScriptArchive(checkpoint, precision).write(file, Progress.SILENT);
        StoredZip.verify(file);
        return new ZipFile(file.toFile());
    }

    private static byte[] entry(ZipFile zip, String name) throws IOException {
        return zip.getInputStream(zip.getEntry("model/" + name)).readAllBytes();
    }

    @Test
    void weightsAreStoredAsTheyAreAndATiedHeadOnce() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.llama();
        float[] embedding = new float[96 * 32];
        checkpoint.read(TensorNames.EMBEDDING, embedding);
        try (ZipFile zip = write(checkpoint, Precision.FLOAT32)) {
            float[] stored = new float[embedding.length];
            ByteBuffer.wrap(entry(zip, "data/0"))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(stored);
            assertThat(stored).isEqualTo(embedding);
            byte[] bytes = entry(zip, "data/0");
            for (var other : zip.stream().skip(1).toList()) {
                if (!other.getName().equals("model/data/0")) {
                    assertThat(zip.getInputStream(other).readAllBytes()).isNotEqualTo(bytes);
                }
            }
        }
    }

    @Test
    void queriesKeysAndValuesAreOneMatrixWithRotatedPairsSideBySide() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.llama();
        float[] query = new float[64 * 32];
        float[] value = new float[32 * 32];
        checkpoint.read(TensorNames.QUERY.formatted(0), query);
        checkpoint.read(TensorNames.VALUE.formatted(0), value);
        try (ZipFile zip = write(checkpoint, Precision.FLOAT32)) {
            var fused = zip.stream()
                    .filter(e -> e.getSize() == (64 + 32 + 32) * 32 * 4L)
                    .findFirst()
                    .orElseThrow();
            var floats = ByteBuffer.wrap(zip.getInputStream(fused).readAllBytes())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
            // Row 16 + 2 * 3 + 1 is the second of pair 3 of head 1: row 16 + 3 + 8 of the checkpoint.
            for (int column = 0; column < 32; column++) {
                assertThat(floats.get(23 * 32 + column)).isEqualTo(query[27 * 32 + column]);
                assertThat(floats.get((96 + 5) * 32 + column)).isEqualTo(value[5 * 32 + column]);
            }
        }
    }

    @Test
    void archiveWithZip64FieldsIsLoadedByPyTorch() throws IOException {
        Path file = folder.resolve("zip64.pt");
        try (StoredZip zip = new StoredZip(file, 1000)) {
            new TorchScriptArchive(TinyCheckpoint.llama(), Precision.FLOAT32).write(zip, Progress.SILENT);
        }
        try (DecoderModule module = new DecoderModule(TorchEngine.start(1, Progress.SILENT), Device.cpu(), file)) {
            assertThat(module.prepare(Kernel.ONE_DNN, false, 1)).isTrue();
        }
    }

    @Test
    void bfloat16HalvesTheMatrices() throws IOException {
        TorchScriptArchive half = new TorchScriptArchive(TinyCheckpoint.qwen2(), Precision.BFLOAT16);
        TorchScriptArchive whole = new TorchScriptArchive(TinyCheckpoint.qwen2(), Precision.FLOAT32);
        assertThat(half.byteSize()).isBetween(whole.byteSize() / 2, whole.byteSize() * 6 / 10);
        assertThat(half.parameters()).isEqualTo(whole.parameters());
        try (ZipFile zip = write(TinyCheckpoint.qwen2(), Precision.BFLOAT16)) {
            assertThat(new String(entry(zip, "data.pkl"), StandardCharsets.ISO_8859_1))
                    .contains("BFloat16Storage");
            assertThat(new String(entry(zip, "version"), StandardCharsets.UTF_8))
                    .isEqualTo("10\n");
        }
    }

    @Test
    void int8QuartersTheMatricesAndCountsEachWeightOnce() {
        TorchScriptArchive small = new TorchScriptArchive(TinyCheckpoint.llama(), Precision.INT8);
        TorchScriptArchive whole = new TorchScriptArchive(TinyCheckpoint.llama(), Precision.FLOAT32);
        assertThat(small.byteSize()).isLessThan(whole.byteSize() / 2);
        assertThat(small.parameters()).isEqualTo(whole.parameters());
    }

    @Test
    void everyRowOfAnInt8MatrixUsesItsWholeRange() throws IOException {
        TinyCheckpoint checkpoint = TinyCheckpoint.llama();
        String name = TensorNames.VALUE.formatted(0);
        Int8Matrix matrix =
                new Int8Matrix(List.of(new ArchiveTensor.Weight(name, 0, 1)), null, Rotation.ofResidual(32), null);
        List<float[]> taken = new ArrayList<>();
        matrix.write(checkpoint, taken::add);
        float[] expected = new float[32 * 32];
        checkpoint.read(name, expected);
        for (int row = 0; row < 32; row++) {
            Rotation.ofResidual(32).turn(expected, row * 32);
            float scale = matrix.scales()[row];
            float most = 0;
            for (int i = row * 32; i < row * 32 + 32; i++) {
                float number = taken.getFirst()[i];
                assertThat(number).isBetween(-127f, 127f).isEqualTo((float) Math.rint(number));
                assertThat(number * scale).isCloseTo(expected[i], Offset.offset(scale / 2 + 1e-6f));
                most = Math.max(most, Math.abs(number));
            }
            assertThat(most).isEqualTo(127);
        }
    }

    @Test
    void bfloat16RoundsToNearestAndTiesToEven() {
        assertThat(bfloat16(1f)).isEqualTo(1f);
        assertThat(bfloat16(1 + 0x1p-8f)).as("tie, down to even").isEqualTo(1f);
        assertThat(bfloat16(1 + 0x3p-8f)).as("tie, up to even").isEqualTo(1 + 0x1p-6f);
        assertThat(bfloat16(1 + 0x1p-8f + 0x1p-20f)).isEqualTo(1 + 0x1p-7f);
        assertThat(bfloat16(-3.3f)).isEqualTo(-3.296875f);
        assertThat(bfloat16(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(bfloat16(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(bfloat16(Float.intBitsToFloat(0x7F800001))).isNaN();
        assertThat(bfloat16(Float.MIN_VALUE)).isZero();
    }

    private static float bfloat16(float value) {
        return Float.intBitsToFloat(ElementType.bfloat16(value) << 16);
    }
}
