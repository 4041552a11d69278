package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

    private static byte[] file(String header, int data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static Map<String, StoredTensor> parse(byte[] bytes) {
        return SafetensorsFile.parse(MemorySegment.ofArray(bytes), "bad.safetensors");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] bytes) {
        return assertThatThrownBy(() -> parse(bytes))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("bad.safetensors");
    }

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"t\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    @Test
    void aTensorLiesWhereTheHeaderSays() {
        byte[] bytes = file(
                "{\"__metadata__\":{\"format\":\"pt\",\"deep\":{\"a\":[1]}},\"t\":{\"shape\":[2],\"dtype\":\"F16\","
                        + "\"data_offsets\":[2,6]},\"x.rotary_emb.inv_freq\":{\"dtype\":\"I64\",\"shape\":[],"
                        + "\"data_offsets\":[0,8]}}  ",
                8);
        bytes[bytes.length - 5] = 0x3c; // 1.0 in float16, big end
        float[] values = new float[2];
        Map<String, StoredTensor> tensors = parse(bytes);
        assertThat(tensors).containsOnlyKeys("t");
        tensors.values().forEach(tensor -> tensor.read(values));
        assertThat(values).containsExactly(1f, 0f);
    }

    @Test
    void aFileCutAnywhereIsRefused() throws Exception {
        byte[] whole = Fixtures.bytes("llama-bias-bf16/model.safetensors");
        MemorySegment all = MemorySegment.ofArray(whole);
        assertThat(SafetensorsFile.parse(all, "whole")).isNotEmpty();
        for (int length = 0; length < whole.length; length += length < 2_000 ? 1 : 257) {
            MemorySegment cut = all.asSlice(0, length);
            assertThatThrownBy(() -> SafetensorsFile.parse(cut, "cut"))
                    .as("cut to %d", length)
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("cut is truncated");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, (16 << 20) + 1})
    void impossibleHeaderLengthsAreRefusedBeforeAnythingIsAllocated(long length) {
        byte[] bytes = ByteBuffer.allocate(64)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
        refused(bytes).hasMessageContaining("2 to 16777216 are possible");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "12",
                "nu",
                "{\"t\"}",
                "{\"t\":5}",
                "{\"t\":[]}",
                "{\"t\":{\"dtype\":1}}",
                "{} {}",
                "{}x",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{}}}",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}",
                "{\"t\":{}}"
            })
    void aHeaderOfAnotherFormIsRefused(String header) {
        refused(file(header, 64));
    }

    @ParameterizedTest
    @ValueSource(strings = {"F64", "I64", "F8_E4M3", "BOOL", "float32", ""})
    void otherTypesAreRefusedByName(String dtype) {
        assertThatThrownBy(() -> parse(file(tensor(dtype, "[1]", "[0,8]"), 64)))
                .hasMessageContaining("dtype '" + dtype + "', which is not supported; supported: F32, F16, BF16");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0,3]",
                "[0,5]",
                "[4,0]",
                "[-4,0]",
                "[64,68]",
                "[0]",
                "[]",
                "[0,4,8]",
                "[9223372036854775804,9223372036854775807]",
                "[-9223372036854775808,9223372036854775807]",
                "[0,99999999999999999999]",
                "[9223372036854775806,-9223372036854775806]"
            })
    void offsetsThatAreNoFourBytesOfTheDataAreRefused(String offsets) {
        refused(file(tensor("F32", "[1]", offsets), 64));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[0]",
                "[-1]",
                "[4611686018427387904,4]",
                "[3037000500,3037000500]",
                "[1,1,1,1,1]",
                "[9223372036854775808]"
            })
    void shapesThatOverflowOrAreEmptyAreRefused(String shape) {
        refused(file(tensor("F32", shape, "[0,4]"), 64));
    }

    @Test
    void overlappingTensorsAreRefused() {
        String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        String b = "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}";
        refused(file("{" + b + "," + a + "}", 64)).hasMessageContaining("'a' and 'b' overlap");
    }

    @Test
    void repeatedTensorsAreRefused() {
        String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
        refused(file("{" + a + "," + a.replace("[0,8]", "[8,16]") + "}", 64)).hasMessageContaining("'a' comes twice");
    }

    @Test
    void bombsOfDepthAndOfTensorsAreRefused() {
        refused(file("{\"__metadata__\":" + "[".repeat(1_000_000), 0)).hasMessageContaining("not valid JSON");
        refused(file("{\"" + "n".repeat(1_000_000) + "\":{}}", 0));
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i < 70_000; i++) {
            many.append("\"t").append(i).append("\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[");
            many.append(2 * i).append(',').append(2 * i + 2).append("]},");
        }
        refused(file(many + "\"__metadata__\":{}}", 140_000)).hasMessageContaining("more than 65536 tensors");
    }
}
