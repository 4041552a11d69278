package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.Bounded;
import ai.dialog.model.ModelException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files whose shape has crashed other readers of GGUF and safetensors, or made them read what was not theirs. More of them,
 * found on the way, are in {@link GgufFileTest}, {@link GgufReaderTest} and {@link SafetensorsFileTest}.
 */
class ShapesThatBrokePeersTest {

    private static final int F32 = 0;

    @TempDir
    Path folder;

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(GgufBytes bytes) {
        return assertThatThrownBy(bytes::parse).isInstanceOf(ModelException.class);
    }

    /** llama.cpp CVE-2025-53630, and CVE-2026-27940, which went around its fix: the sum of all sizes wraps to a small one. */
    @Test
    void gguf_sizesWhoseSumWrapsTo64Bits() {
        long quarter = 1L << 60; // values of four bytes: four tensors of them are 2^64 bytes
        GgufBytes file = GgufBytes.header(3, 5, 0);
        for (int i = 0; i < 4; i++) {
            file.tensor("t" + i, F32, 0, quarter);
        }
        refused(file.tensor("last", F32, 0, 8).align().zeros(64)).hasMessageContaining("'t0'");
    }

    /** The same with sizes that are possible one by one, each beyond the file. */
    @Test
    void gguf_offsetAndSizeWhoseSumWraps() {
        refused(GgufBytes.header(3, 1, 0)
                        .tensor("t", F32, Long.MAX_VALUE - 31, 1L << 60)
                        .align()
                        .zeros(64))
                .hasMessageContaining("'t'");
    }

    /** llama.cpp pull request 24759: rounding up to the alignment wraps a size of almost 2^64 to zero. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE / 4, -1 >>> 2, 0x3fff_ffff_ffff_ffffL, -4})
    void gguf_sizesThatPaddingWraps(long columns) {
        refused(GgufBytes.header(3, 2, 0)
                        .tensor("t", F32, 0, columns)
                        .tensor("u", F32, 0, 8)
                        .align()
                        .zeros(64))
                .hasMessageContaining("'t'");
    }

    /** llama.cpp pull request 18674: the second dimension is 2^42 + 1, and with the stride of a row the size is small. */
    @Test
    void gguf_aDimensionWhoseStrideWraps() {
        refused(GgufBytes.header(3, 1, 0)
                        .tensor("token_embd.weight", F32, 0, 1 << 20, (1L << 42) + 1)
                        .align()
                        .zeros(4096))
                .hasMessageContaining("token_embd.weight");
    }

    /** Ollama CVE-2026-7482: a tensor that claims more than the file has is read from whatever lies behind it. */
    @Test
    void gguf_aTensorLargerThanItsFile() {
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, 0, 1 << 20).align().zeros(64))
                .hasMessageContaining("takes 4194304 bytes");
    }

    /** llama.cpp's gemma3: the number of layers is bounded after the pattern of windows was written for each of them. */
    @ParameterizedTest
    @ValueSource(ints = {3852, 1 << 20, Integer.MAX_VALUE, -1})
    void gguf_moreLayersThanThePatternOfWindowsHasRoomFor(int layers) throws IOException {
        Path file = folder.resolve("layers.gguf");
        GgufBytes bytes = GgufBytes.header(3, 1, 7)
                .pair("general.architecture", "gemma3")
                .pair("gemma3.attention.sliding_window", 4096)
                .pair("gemma3.block_count", layers)
                .pair("gemma3.context_length", 16)
                .pair("gemma3.embedding_length", 4)
                .pair("gemma3.attention.head_count", 2)
                .pair("gemma3.attention.key_length", 2)
                .tensor("token_embd.weight", F32, 0, 4, 3)
                .align()
                .zeros(64);
        Files.write(file, bytes.array());
        Bounded.run(
                512,
                64,
                16,
                () -> assertThatThrownBy(() -> Checkpoints.open(file))
                        .isInstanceOf(ModelException.class)
                        .hasMessageContaining("gemma3.block_count is"));
    }

    /** llama.cpp issue 15711: so many tensors that the table of them has a size that wraps. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE / 368 + 1, Long.MAX_VALUE / 64, 1L << 48, 1L << 20})
    void gguf_moreTensorsThanMemory(long count) {
        Bounded.run(24, 64, 16, () -> refused(GgufBytes.header(3, count, 0)));
    }

    /** llama.cpp pull request 26318: the alignment is read before anybody asked for its type. */
    @Test
    void gguf_anAlignmentOfAnotherType() {
        refused(GgufBytes.header(3, 0, 1).pair("general.alignment", "32").zeros(64))
                .hasMessageContaining("general.alignment");
        refused(GgufBytes.header(3, 0, 1)
                        .string("general.alignment")
                        .int32(6)
                        .int32(Float.floatToIntBits(32))
                        .zeros(64))
                .hasMessageContaining("general.alignment");
        refused(GgufBytes.header(3, 0, 1)
                        .string("general.alignment")
                        .int32(5)
                        .int32(-32)
                        .zeros(64))
                .hasMessageContaining("general.alignment");
    }

    /** The start of a file and nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7, 8, 15, 23})
    void gguf_fourBytesOfMagicAndNotMuchMore(int length) {
        byte[] start = GgufBytes.header(3, 1, 1).array();
        assertThatThrownBy(() -> GgufFile.parse(MemorySegment.ofArray(start).asSlice(0, length), "cut.gguf"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("cut.gguf");
    }

    /** Two million strings of no length, 16 MB of file: what is kept of them is bounded by the file's size. */
    @Test
    void gguf_anArrayOfNothingButEmptyStrings() {
        int count = 1 << 21;
        byte[] bytes = GgufBytes.header(3, 0, 1)
                .string("tokenizer.ggml.tokens")
                .int32(9)
                .int32(8)
                .int64(count)
                .zeros(8 * count)
                .array();
        Bounded.run(
                bytes.length,
                GgufFuzzTest.PER_BYTE,
                16,
                () -> assertThat(GgufFile.parse(MemorySegment.ofArray(bytes), "empty.gguf")
                                .tensors())
                        .isEmpty());
    }

    /** Numbers of one byte, each an object of its own once read; more of them than any vocabulary are refused. */
    @Test
    void gguf_anArrayOfSmallNumbersGrowsWithinBounds() {
        for (int count : new int[] {4 << 20, (8 << 20) + 1}) {
            byte[] bytes = GgufBytes.header(3, 0, 1)
                    .string("k")
                    .int32(9)
                    .int32(0)
                    .int64(count)
                    .zeros(count + 64)
                    .array();
            Bounded.run(bytes.length, GgufFuzzTest.PER_BYTE, 16, () -> {
                try {
                    GgufFile.parse(MemorySegment.ofArray(bytes), "numbers.gguf");
                    assertThat(count).isLessThanOrEqualTo(8 << 20);
                } catch (ModelException refused) {
                    assertThat(count).isGreaterThan(8 << 20);
                }
            });
        }
    }

    private static byte[] safetensors(String header, int data) {
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + utf8.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(utf8.length)
                .put(utf8)
                .array();
    }

    private static void refusedSafetensors(String header, int data, String why) {
        byte[] bytes = safetensors(header, data);
        assertThatThrownBy(() -> SafetensorsFile.parse(MemorySegment.ofArray(bytes), "bad.safetensors"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(why);
    }

    /** Two readers that take different ones of two values disagree about what the file is. */
    @ParameterizedTest
    @ValueSource(strings = {"\"dtype\":\"F16\"", "\"shape\":[4]", "\"data_offsets\":[0,4]"})
    void safetensors_aFieldOfATensorTwice(String again) {
        refusedSafetensors(
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]," + again + "}}", 64, "twice");
    }

    @Test
    void safetensors_tensorsInAnotherOrderThanTheirDataAreRead() {
        byte[] bytes = safetensors(
                "{\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]},"
                        + "\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                8);
        assertThat(SafetensorsFile.parse(MemorySegment.ofArray(bytes), "unsorted"))
                .containsOnlyKeys("a", "b");
    }

    /** The header is JSON of 16 MB at most; what is kept of it is bounded by its size, whatever it holds. */
    @Test
    void safetensors_aHeaderOfNothingButBrackets() {
        String brackets = "[" + "[],".repeat(600_000) + "[]]";
        byte[] bytes = safetensors("{\"__metadata__\":{\"x\":" + brackets + "}}", 0);
        Bounded.run(
                bytes.length,
                16,
                16,
                () -> assertThat(SafetensorsFile.parse(MemorySegment.ofArray(bytes), "brackets"))
                        .isEmpty());
        refusedSafetensors("{\"t\":{\"dtype\":\"F32\",\"shape\":" + brackets + ",\"data_offsets\":[0,4]}}", 64, "'t'");
    }
}
