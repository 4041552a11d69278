package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {

    private static final int F32 = 0;
    private static final int Q4_0 = 2;

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(GgufBytes file) {
        return assertThatThrownBy(file::parse)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("bad.gguf");
    }

    private static StoredTensor only(GgufFile file) {
        return file.tensors().values().iterator().next();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyKindOfMetadataIsRead(int version) {
        GgufFile file = GgufBytes.header(version, 1, 13)
                .string("u8")
                .int32(0)
                .bytes((byte) 200)
                .string("i8")
                .int32(1)
                .bytes((byte) 200)
                .string("u16")
                .int32(2)
                .bytes((byte) 0xff, (byte) 0xff)
                .string("i16")
                .int32(3)
                .bytes((byte) 0xff, (byte) 0xff)
                .string("u32")
                .int32(4)
                .int32(-1)
                .string("i32")
                .int32(5)
                .int32(-1)
                .string("f32")
                .int32(6)
                .int32(Float.floatToIntBits(1.5f))
                .string("bool")
                .int32(7)
                .bytes((byte) 1)
                .string("string")
                .int32(8)
                .string("grüße")
                .string("array")
                .int32(9)
                .int32(8)
                .int64(2)
                .string("a")
                .string("b")
                .string("u64")
                .int32(10)
                .int64(1L << 40)
                .string("i64")
                .int32(11)
                .int64(-5)
                .string("f64")
                .int32(12)
                .int64(Double.doubleToLongBits(2.5))
                .tensor("t", F32, 0, 3, 2)
                .align()
                .zeros(24)
                .parse();
        assertThat(file.metadata().values())
                .isEqualTo(Map.ofEntries(
                        Map.entry("u8", 200L),
                        Map.entry("i8", -56L),
                        Map.entry("u16", 65_535L),
                        Map.entry("i16", -1L),
                        Map.entry("u32", 4_294_967_295L),
                        Map.entry("i32", -1L),
                        Map.entry("f32", 1.5f),
                        Map.entry("bool", true),
                        Map.entry("string", "grüße"),
                        Map.entry("array", List.of("a", "b")),
                        Map.entry("u64", 1L << 40),
                        Map.entry("i64", -5L),
                        Map.entry("f64", 2.5)));
        assertThat(file.tensors()).containsOnlyKeys("t");
        assertThat(only(file).shape()).containsExactly(2L, 3L);
    }

    @Test
    void aFileCutAnywhereInItsHeaderOrDataIsRefused() throws Exception {
        byte[] whole = Fixtures.bytes("llama-q4_0.gguf");
        MemorySegment all = MemorySegment.ofArray(whole);
        GgufFile.parse(all, "whole");
        for (int length = 0; length < whole.length; length += length < 9_000 ? 1 : 257) {
            MemorySegment cut = all.asSlice(0, length);
            assertThatThrownBy(() -> GgufFile.parse(cut, "cut.gguf"))
                    .as("cut to %d", length)
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("cut.gguf");
        }
    }

    @Test
    void anotherMagicIsNoGguf() {
        refused(new GgufBytes().string("GGML").zeros(100)).hasMessageContaining("does not begin with GGUF");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "4,4", "99,99", "-1,4294967295", "50331648,big-endian"})
    void otherVersionsAreRefusedByNumber(int version, String said) {
        refused(GgufBytes.header(version, 0, 0)).hasMessageContaining("version").hasMessageContaining(said);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 1L << 62, 65_537})
    void impossibleCountsAreRefusedBeforeAnythingIsAllocated(long count) {
        refused(GgufBytes.header(3, count, 0)).hasMessageContaining("the number of tensors");
        refused(GgufBytes.header(3, 0, count)).hasMessageContaining("the number of metadata pairs");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 65_536})
    void stringsLongerThanPossibleAreRefused(long length) {
        refused(GgufBytes.header(3, 0, 1).int64(length).zeros(100)).hasMessageContaining("a metadata key");
        refused(GgufBytes.header(3, 0, 1).string("key").int32(8).int64(length).zeros(100));
        refused(GgufBytes.header(3, 1, 0).int64(length).zeros(100)).hasMessageContaining("a tensor's name");
    }

    @Test
    void aStringBeyondTheEndOfTheFileIsTruncated() {
        refused(GgufBytes.header(3, 0, 1).string("key").int32(8).int64(101).zeros(100))
                .hasMessageContaining("truncated");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MAX_VALUE, 1L << 32, 8_388_609, 101})
    void arraysLongerThanTheFileAreRefused(long length) {
        refused(GgufBytes.header(3, 0, 1)
                        .string("key")
                        .int32(9)
                        .int32(0)
                        .int64(length)
                        .zeros(100))
                .hasMessageContaining("the number of items of 'key'");
    }

    @Test
    void arraysWithinArraysAreBounded() {
        GgufBytes deep = GgufBytes.header(3, 0, 1).string("key").int32(9);
        for (int i = 0; i < 100; i++) {
            deep.int32(9).int64(1);
        }
        refused(deep.zeros(16)).hasMessageContaining("nested deeper than 4");
    }

    @Test
    void unknownValueTypesAndWrongBooleansAreRefused() {
        refused(GgufBytes.header(3, 0, 1).string("key").int32(13).zeros(64)).hasMessageContaining("unknown type 13");
        refused(GgufBytes.header(3, 0, 1).string("key").int32(-1).zeros(64))
                .hasMessageContaining("unknown type 4294967295");
        refused(GgufBytes.header(3, 0, 1).string("key").int32(7).bytes((byte) 2))
                .hasMessageContaining("neither true nor false");
    }

    @Test
    void repeatedKeysAndTensorsAreRefused() {
        refused(GgufBytes.header(3, 0, 2).pair("key", 1).pair("key", 2)).hasMessageContaining("comes twice");
        refused(GgufBytes.header(3, 2, 0)
                        .tensor("t", F32, 0, 8)
                        .tensor("t", F32, 32, 8)
                        .align()
                        .zeros(64))
                .hasMessageContaining("tensor 't' comes twice");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 24, 33, 1 << 21, 1 << 30, Integer.MIN_VALUE, -1})
    void impossibleAlignmentsAreRefused(int alignment) {
        refused(GgufBytes.header(3, 1, 1)
                        .pair("general.alignment", alignment)
                        .tensor("t", F32, 0, 8)
                        .zeros(4096))
                .hasMessageContaining("general.alignment");
    }

    @Test
    void anotherAlignmentIsHonoured() {
        GgufFile file = GgufBytes.header(3, 1, 1)
                .pair("general.alignment", 8)
                .tensor("t", F32, 0, 1)
                .zeros(6)
                .int32(Float.floatToIntBits(3.5f))
                .parse();
        float[] value = new float[1];
        only(file).read(value);
        assertThat(value).containsExactly(3.5f);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1",
        "-1,1",
        "9223372036854775807,2",
        "4294967296,4294967296",
        "3037000500,3037000500",
        "1,-9223372036854775808"
    })
    void dimensionsThatOverflowAreRefused(long columns, long rows) {
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, 0, columns, rows).zeros(4096))
                .hasMessageContaining("tensor 't'");
    }

    @Test
    void tooManyOrNoDimensionsAreRefused() {
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, 0).zeros(4096)).hasMessageContaining("0 dimensions");
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, 0, 1, 1, 1, 1, 1).zeros(4096))
                .hasMessageContaining("5 dimensions");
        refused(GgufBytes.header(3, 1, 0).string("t").int32(-1).zeros(4096)).hasMessageContaining("dimensions");
    }

    @ParameterizedTest
    @CsvSource({"10,Q2_K", "16,IQ2_XXS", "39,MXFP4", "4,number 4", "77,number 77", "-1,number 4294967295"})
    void unsupportedTensorTypesAreRefusedByName(int type, String said) {
        refused(GgufBytes.header(3, 1, 0).tensor("t", type, 0, 256).zeros(4096))
                .hasMessageContaining(
                        "tensor 't' has type " + said + ", which is not supported; supported: F32, F16, Q4_0");
    }

    @Test
    void rowsThatAreNoWholeBlocksAreRefused() {
        refused(GgufBytes.header(3, 1, 0).tensor("t", Q4_0, 0, 33, 32).zeros(4096))
                .hasMessageContaining("needs a multiple of 32");
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 1L << 40, Long.MAX_VALUE - 31})
    void aTensorOutsideTheFileIsRefused(long offset) {
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, offset, 8).align().zeros(64))
                .hasMessageContaining("tensor 't' takes 32 bytes from byte " + offset);
    }

    @ParameterizedTest
    @ValueSource(longs = {-32, 1, 31, Long.MIN_VALUE})
    void unalignedAndNegativeOffsetsAreRefused(long offset) {
        refused(GgufBytes.header(3, 1, 0).tensor("t", F32, offset, 8).align().zeros(64))
                .hasMessageContaining("no multiple of 32");
    }

    @Test
    void overlappingTensorsAreRefused() {
        refused(GgufBytes.header(3, 2, 0)
                        .tensor("a", F32, 0, 16)
                        .tensor("b", F32, 32, 8)
                        .align()
                        .zeros(64))
                .hasMessageContaining("'a' and 'b' overlap");
    }

    @Test
    void controlCharactersOfTheFileNeverReachTheMessage() {
        refused(GgufBytes.header(3, 1, 0).tensor("\u001b[31m\n", 77, 0, 256))
                .hasMessageNotContainingAny("\u001b", "\n");
        String longKey = new String(new char[60_000]).replace('\0', 'k');
        refused(GgufBytes.header(3, 0, 1).string(longKey).int32(99))
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(400));
    }

    @Test
    void aFileOfNothingButLargeNumbersIsRefusedQuickly() {
        byte[] noise = new byte[4096];
        Arrays.fill(noise, (byte) 0xff);
        refused(GgufBytes.header(3, 1, 1).bytes(noise));
    }
}
