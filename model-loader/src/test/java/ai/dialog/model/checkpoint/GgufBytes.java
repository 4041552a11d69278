package ai.dialog.model.checkpoint;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes GGUF piece by piece, right or wrong, for the tests of bad input. */
final class GgufBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A header of a version with its two counts. */
    static GgufBytes header(int version, long tensors, long pairs) {
        return new GgufBytes().int32(0x46554747).int32(version).int64(tensors).int64(pairs);
    }

    GgufBytes bytes(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    GgufBytes zeros(int count) {
        return bytes(new byte[count]);
    }

    GgufBytes int32(int value) {
        return bytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    GgufBytes int64(long value) {
        return bytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    GgufBytes string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return int64(utf8.length).bytes(utf8);
    }

    /** A pair of type uint32. */
    GgufBytes pair(String key, int value) {
        return string(key).int32(4).int32(value);
    }

    /** A pair of type string. */
    GgufBytes pair(String key, String value) {
        return string(key).int32(8).string(value);
    }

    /** A tensor's entry; dimensions in GGUF's order, fastest first. */
    GgufBytes tensor(String name, int type, long offset, long... dimensions) {
        string(name).int32(dimensions.length);
        for (long dimension : dimensions) {
            int64(dimension);
        }
        return int32(type).int64(offset);
    }

    /** Zeros up to a multiple of 32. */
    GgufBytes align() {
        return zeros((32 - out.size() % 32) % 32);
    }

    byte[] array() {
        return out.toByteArray();
    }

    GgufFile parse() {
        return GgufFile.parse(MemorySegment.ofArray(array()), "bad.gguf");
    }
}
