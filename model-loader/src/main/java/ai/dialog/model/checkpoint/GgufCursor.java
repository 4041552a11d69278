package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Reads little-endian values one after the other; every read is checked against the end of the file first. */
final class GgufCursor {

    /** Bytes copied to the heap at a time: reading a mapped segment value by value takes far longer to warm up. */
    private static final int WINDOW = 1 << 16;

    private final MemorySegment data;
    private final String file;
    private final byte[] window;
    private long windowStart;
    private int windowLength;
    private long position;

    /**
     * Starts at the first byte.
     *
     * @param file what errors call it
     */
    GgufCursor(MemorySegment data, String file) {
        this.data = data;
        this.file = file;
        this.window = new byte[(int) Math.min(WINDOW, data.byteSize())];
    }

    long position() {
        return position;
    }

    long remaining() {
        return data.byteSize() - position;
    }

    byte int8() {
        return window[advance(1)];
    }

    short int16() {
        int at = advance(2);
        return (short) ((window[at] & 0xff) | window[at + 1] << 8);
    }

    int int32() {
        int at = advance(4);
        return (window[at] & 0xff)
                | (window[at + 1] & 0xff) << 8
                | (window[at + 2] & 0xff) << 16
                | window[at + 3] << 24;
    }

    long unsigned32() {
        return Integer.toUnsignedLong(int32());
    }

    long int64() {
        long low = unsigned32();
        return low | (long) int32() << 32;
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
        if (length <= window.length) {
            return new String(window, advance((int) length), (int) length, StandardCharsets.UTF_8);
        }
        require(length);
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, position, bytes, 0, bytes.length);
        position += length;
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The error for a file that breaks the format here. */
    ModelException corrupt(String why) {
        return new ModelException(file + " is not a valid GGUF file: " + why + " (near byte " + position
                + "); it may be damaged: download it again");
    }

    /** Takes so many bytes, at most a window's; returns where in the window they begin. */
    private int advance(int bytes) {
        require(bytes);
        if (position < windowStart || position + bytes > windowStart + windowLength) {
            windowStart = position;
            windowLength = (int) Math.min(window.length, remaining());
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, position, window, 0, windowLength);
        }
        int at = (int) (position - windowStart);
        position += bytes;
        return at;
    }

    private void require(long bytes) {
        if (bytes > remaining()) {
            throw new ModelException(file + " is truncated: " + bytes + " bytes are needed at byte " + position
                    + ", the file has " + data.byteSize() + "; download it again");
        }
    }
}
