package ai.dialog.model.torch;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/** How a weight is stored in an archive. */
enum ElementType {
    FLOAT32("FloatStorage", Float.BYTES) {
        @Override
        void put(float[] values, int from, int count, ByteBuffer target) {
            target.asFloatBuffer().put(values, from, count);
            target.position(target.position() + count * Float.BYTES);
        }
    },
    BFLOAT16("BFloat16Storage", Short.BYTES) {
        @Override
        void put(float[] values, int from, int count, ByteBuffer target) {
            ShortBuffer shorts = target.asShortBuffer();
            for (int i = from; i < from + count; i++) {
                shorts.put(bfloat16(values[i]));
            }
            target.position(target.position() + count * Short.BYTES);
        }
    },
    /** Values that are whole numbers from -127 to 127. */
    INT8("CharStorage", Byte.BYTES) {
        @Override
        void put(float[] values, int from, int count, ByteBuffer target) {
            for (int i = from; i < from + count; i++) {
                target.put((byte) values[i]);
            }
        }
    };

    private final String storage;
    private final int bytes;

    ElementType(String storage, int bytes) {
        this.storage = storage;
        this.bytes = bytes;
    }

    /** The name of PyTorch's class of storage. */
    String storage() {
        return storage;
    }

    /** Bytes of one element. */
    int bytes() {
        return bytes;
    }

    /** Appends values to a little-endian buffer with room for them. */
    abstract void put(float[] values, int from, int count, ByteBuffer target);

    /** The upper half of a float32, rounded to nearest, ties to even; a NaN stays one. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
