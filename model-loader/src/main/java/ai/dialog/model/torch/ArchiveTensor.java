package ai.dialog.model.torch;

import ai.dialog.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One tensor of an archive and where its values come from.
 *
 * @param key names its entry, {@code data/<key>}
 * @param shape row-major, its first dimension the sum of the parts'
 * @param parts what it is made of, one below the other
 */
record ArchiveTensor(int key, ElementType type, List<Long> shape, List<Part> parts) {
    ArchiveTensor {
        shape = List.copyOf(shape);
        parts = List.copyOf(parts);
    }

    private static final int CHUNK = 1 << 18;

    /** Rows of a tensor. */
    sealed interface Part {}

    /**
     * A weight of the checkpoint.
     *
     * @param headSize where it is a query or key projection, the size of one head: its rows are put in the order in which
     *     the two elements of a rotated pair, {@code headSize / 2} apart in the checkpoint, are neighbours; 0 elsewhere
     * @param scale multiplies each value
     */
    record Weight(String name, int headSize, float scale) implements Part {

        /** Its values, rows in the archive's order. */
        float[] read(Checkpoint checkpoint) {
            long[] shape = checkpoint.shape(name);
            long count = 1;
            for (long n : shape) {
                count *= n;
            }
            float[] values = new float[Math.toIntExact(count)];
            checkpoint.read(name, values);
            if (scale != 1) {
                for (int i = 0; i < values.length; i++) {
                    values[i] *= scale;
                }
            }
            order(values, (int) shape[0]);
            return values;
        }

        /** Puts rows, or something of each row, in the archive's order. */
        void order(float[] values, int rows) {
            if (headSize == 0) {
                return;
            }
            int width = values.length / rows;
            float[] head = new float[headSize * width];
            for (int first = 0; first < rows; first += headSize) {
                for (int i = 0; i < headSize; i++) {
                    int row = first + i / 2 + i % 2 * (headSize / 2);
                    System.arraycopy(values, row * width, head, i * width, width);
                }
                System.arraycopy(head, 0, values, first * width, head.length);
            }
        }
    }

    /**
     * A weight whose rows are turned: what adds to the residual stream, where the stream is turned.
     *
     * @param rotation of a row, or of the whole where it has one dimension
     */
    record Turned(Weight weight, Rotation rotation) implements Part {
        private float[] read(Checkpoint checkpoint) {
            float[] values = weight.read(checkpoint);
            for (int at = 0; at < values.length; at += rotation.size()) {
                rotation.turn(values, at);
            }
            return values;
        }
    }

    /** A matrix as whole numbers. */
    record Quantized(Int8Matrix matrix) implements Part {}

    /** The scales of a matrix's rows; written after it. */
    record Scales(Int8Matrix matrix) implements Part {}

    /** A matrix as numbers of 4 bits, two in each byte. */
    record FourBits(Int4Matrix matrix) implements Part {}

    /** The scales and zeros of a matrix of 4 bits; written after it. */
    record Groups(Int4Matrix matrix) implements Part {}

    /** The matrix by which a row is multiplied to turn it. */
    record Turn(Rotation rotation) implements Part {}

    /** Values made here. */
    record Values(List<Float> values) implements Part {
        public Values {
            values = List.copyOf(values);
        }

        private float[] toArray() {
            float[] array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = values.get(i);
            }
            return array;
        }
    }

    long elements() {
        long elements = 1;
        for (long n : shape) {
            elements = Math.multiplyExact(elements, n);
        }
        return elements;
    }

    long byteSize() {
        return elements() * type.bytes();
    }

    /** Reads the parts one after the other and writes them; one part at a time is on the heap. */
    void write(Checkpoint checkpoint, StoredZip.Sink sink) throws IOException {
        for (Part part : parts) {
            switch (part) {
                case Values made -> putAll(made.toArray(), sink);
                case Weight weight -> putAll(weight.read(checkpoint), sink);
                case Turned turned -> putAll(turned.read(checkpoint), sink);
                case Quantized quantized -> quantized.matrix().write(checkpoint, values -> putAll(values, sink));
                case Scales scales -> putAll(scales.matrix().scales(), sink);
                case FourBits fourBits -> fourBits.matrix().write(checkpoint, values -> putAll(values, sink));
                case Groups groups -> putAll(groups.matrix().groups(), sink);
                case Turn turn -> putTurn(turn.rotation(), sink);
            }
        }
    }

    private void putTurn(Rotation rotation, StoredZip.Sink sink) throws IOException {
        for (int i = 0; i < rotation.size(); i++) {
            float[] row = new float[rotation.size()];
            row[i] = 1;
            rotation.turn(row, 0);
            putAll(row, sink);
        }
    }

    private void putAll(float[] values, StoredZip.Sink sink) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(values.length, CHUNK) * type.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < values.length; done += CHUNK) {
            buffer.clear();
            type.put(values, done, Math.min(CHUNK, values.length - done), buffer);
            sink.write(buffer.flip());
        }
    }
}
