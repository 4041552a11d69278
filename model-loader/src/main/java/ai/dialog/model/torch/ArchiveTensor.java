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
    record Weight(String name, int headSize, float scale) implements Part {}

    /** Values made here. */
    record Values(List<Float> values) implements Part {
        public Values {
            values = List.copyOf(values);
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
                case Values made -> putAll(made.values(), sink);
                case Weight weight -> write(checkpoint, weight, sink);
            }
        }
    }

    private void write(Checkpoint checkpoint, Weight weight, StoredZip.Sink sink) throws IOException {
        long[] source = checkpoint.shape(weight.name());
        long count = 1;
        for (long n : source) {
            count *= n;
        }
        float[] values = new float[Math.toIntExact(count)];
        checkpoint.read(weight.name(), values);
        if (weight.scale() != 1) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= weight.scale();
            }
        }
        if (weight.headSize() == 0) {
            put(values, 0, values.length, sink);
        } else {
            putPairs(values, (int) source[0], weight.headSize(), sink);
        }
    }

    private void putAll(List<Float> made, StoredZip.Sink sink) throws IOException {
        float[] values = new float[made.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = made.get(i);
        }
        put(values, 0, values.length, sink);
    }

    private void putPairs(float[] values, int rows, int headSize, StoredZip.Sink sink) throws IOException {
        int width = values.length / rows;
        float[] head = new float[headSize * width];
        for (int first = 0; first < rows; first += headSize) {
            for (int i = 0; i < headSize; i++) {
                int row = first + i / 2 + i % 2 * (headSize / 2);
                System.arraycopy(values, row * width, head, i * width, width);
            }
            put(head, 0, head.length, sink);
        }
    }

    private void put(float[] values, int from, int count, StoredZip.Sink sink) throws IOException {
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.min(count, CHUNK) * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < count; done += CHUNK) {
            buffer.clear();
            type.put(values, from + done, Math.min(CHUNK, count - done), buffer);
            sink.write(buffer.flip());
        }
    }
}
