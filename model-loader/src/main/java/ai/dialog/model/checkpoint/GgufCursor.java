package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads little-endian values one after the other; every read is checked against the end of the file first. */
final class GgufCursor {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment data;
    private final String file;
    private long position;

    /**
     * Starts at the first byte.
     *
     * @param file what errors call it
     */
    GgufCursor(MemorySegment data, String file) {
        this.data = data;
        this.file = file;
    }

    long position() {
        return position;
    }

    long remaining() {
        return data.byteSize() - position;
    }

    byte int8() {
        return data.get(ValueLayout.JAVA_BYTE, advance(1));
    }

    short int16() {
        return data.get(SHORT, advance(2));
    }

    int int32() {
        return data.get(INT, advance(4));
    }

    long unsigned32() {
        return Integer.toUnsignedLong(int32());
    }

    long int64() {
        return data.get(LONG, advance(8));
    }

    /** An unsigned 64-bit count that must lie within a bound. */
    long count(String what, long most) {
        long value = int64();
        if (value < 0 || value > most) {
            throw corrupt(what + " is " + Long.toUnsignedString(value) + ", more than the possible " + most);
        }
        return value;
    }

    /** A length and that many bytes of UTF-8. */
    String string(String what, long most) {
        long length = count("the length of " + what, most);
        long start = advance(length);
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, start, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The error for a file that breaks the format here. */
    ModelException corrupt(String why) {
        return new ModelException(file + " is not a valid GGUF file: " + why + " (near byte " + position
                + "); it may be damaged: download it again");
    }

    private long advance(long bytes) {
        if (bytes > remaining()) {
            throw new ModelException(file + " is truncated: " + bytes + " bytes are needed at byte " + position
                    + ", the file has " + data.byteSize() + "; download it again");
        }
        long start = position;
        position += bytes;
        return start;
    }
}
