package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a GGUF file, versions 2 and 3: metadata and where each tensor lies. Source: the GGUF specification in
 * ggml's {@code docs/gguf.md}.
 *
 * <p>The header comes from outside, so each count is checked against a bound and against what the file can still hold
 * before anything is allocated for it: reading allocates at most a small multiple of the header's own size.
 *
 * @param metadata the key/value pairs
 * @param tensors by name, in the order of the file; their data lies within the file and does not overlap
 */
record GgufFile(GgufMetadata metadata, Map<String, StoredTensor> tensors) {

    private static final int MAGIC = 0x46554747; // "GGUF", little-endian
    private static final long MOST_PAIRS = 1 << 16;
    private static final long MOST_TENSORS = 1 << 16;
    private static final long LONGEST_KEY = 65_535; // the specification's bound
    private static final long LONGEST_TENSOR_NAME = 64; // the specification's bound
    private static final long LONGEST_STRING = 16 << 20;
    private static final long MOST_ITEMS = 8 << 20; // in all arrays; vocabularies of today have 600,000
    private static final long LARGEST_METADATA = 128 << 20; // bytes; vocabularies of today take 15 MB
    private static final int DEEPEST_ARRAY = 4;
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long LARGEST_ALIGNMENT = 1 << 20;

    /**
     * Reads the header.
     *
     * @param file what errors call the file
     */
    static GgufFile parse(MemorySegment data, String file) {
        return new Parser(data, file).parse();
    }

    private static final class Parser {

        private final MemorySegment data;
        private final String file;
        private final GgufCursor in;
        private long items;

        Parser(MemorySegment data, String file) {
            this.data = data;
            this.file = file;
            this.in = new GgufCursor(data, file);
        }

        GgufFile parse() {
            checkVersion();
            long tensorCount = in.count("the number of tensors", MOST_TENSORS);
            long pairCount = in.count("the number of metadata pairs", MOST_PAIRS);
            Map<String, Object> pairs = new LinkedHashMap<>();
            for (long i = 0; i < pairCount; i++) {
                String key = in.string("a metadata key", LONGEST_KEY);
                if (pairs.putIfAbsent(key, value(in.unsigned32(), Quoted.of(key), 0)) != null) {
                    throw in.corrupt("metadata key " + Quoted.of(key) + " comes twice");
                }
                if (in.position() > LARGEST_METADATA) {
                    throw in.corrupt("its metadata takes more than " + LARGEST_METADATA + " bytes");
                }
            }
            GgufMetadata metadata = new GgufMetadata(file, pairs);
            return new GgufFile(metadata, tensors(tensorCount, alignment(metadata)));
        }

        private void checkVersion() {
            if (in.remaining() < 8 || in.int32() != MAGIC) {
                throw new ModelException(file + " is not a GGUF file: it does not begin with GGUF");
            }
            int version = in.int32();
            if (version != 2 && version != 3) {
                String hint = Integer.reverseBytes(version) == 3 ? " (a big-endian file)" : "";
                throw new ModelException(file + " is GGUF version " + Integer.toUnsignedString(version) + hint
                        + ", which is not supported; supported: 2, 3");
            }
        }

        private long alignment(GgufMetadata metadata) {
            Integer alignment = metadata.integer("general.alignment", 0, Integer.MAX_VALUE);
            if (alignment == null) {
                return DEFAULT_ALIGNMENT;
            }
            if (alignment < 8 || alignment > LARGEST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
                throw in.corrupt("general.alignment is " + alignment + "; it must be a power of two from 8 to "
                        + LARGEST_ALIGNMENT);
            }
            return alignment;
        }

        private Object value(long type, String key, int depth) {
            return switch ((int) Math.min(type, Integer.MAX_VALUE)) {
                case 0 -> (long) Byte.toUnsignedInt(in.int8());
                case 1 -> (long) in.int8();
                case 2 -> (long) Short.toUnsignedInt(in.int16());
                case 3 -> (long) in.int16();
                case 4 -> in.unsigned32();
                case 5 -> (long) in.int32();
                case 6 -> Float.intBitsToFloat(in.int32());
                case 7 -> bool(key);
                case 8 -> in.string("the value of " + key, LONGEST_STRING);
                case 9 -> array(key, depth + 1);
                case 10, 11 -> in.int64();
                case 12 -> Double.longBitsToDouble(in.int64());
                default -> throw in.corrupt("metadata " + key + " has the unknown type " + type);
            };
        }

        private Boolean bool(String key) {
            byte value = in.int8();
            if (value != 0 && value != 1) {
                throw in.corrupt("metadata " + key + " is neither true nor false");
            }
            return value == 1;
        }

        private List<Object> array(String key, int depth) {
            if (depth > DEEPEST_ARRAY) {
                throw in.corrupt("metadata " + key + " is nested deeper than " + DEEPEST_ARRAY);
            }
            long type = in.unsigned32();
            long length = in.count(
                    "the number of items of " + key,
                    Math.min(MOST_ITEMS - items, Math.max(0, in.remaining() - Long.BYTES)));
            items += length;
            List<Object> values = new ArrayList<>();
            for (long i = 0; i < length; i++) {
                values.add(value(type, key, depth));
            }
            return values;
        }

        private Map<String, StoredTensor> tensors(long count, long alignment) {
            List<Entry> entries = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                entries.add(entry(alignment));
            }
            // Past the end where there is no tensor at all: then nothing lies there.
            long start = (in.position() + alignment - 1) / alignment * alignment;
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            DataRanges ranges = new DataRanges(file, Math.max(0, data.byteSize() - start));
            for (Entry entry : entries) {
                ranges.add(entry.name, entry.offset, entry.bytes);
                MemorySegment slice = data.asSlice(start + entry.offset, entry.bytes);
                StoredTensor tensor = new StoredTensor(entry.name, entry.type, entry.shape, slice);
                if (tensors.putIfAbsent(entry.name, tensor) != null) {
                    throw in.corrupt("tensor " + Quoted.of(entry.name) + " comes twice");
                }
            }
            ranges.checkOverlaps();
            return tensors;
        }

        private Entry entry(long alignment) {
            String name = in.string("a tensor's name", LONGEST_TENSOR_NAME);
            String where = file + ": tensor " + Quoted.of(name);
            long dimensions = in.unsigned32();
            if (dimensions < 1 || dimensions > 4) {
                throw in.corrupt("tensor " + Quoted.of(name) + " has " + dimensions + " dimensions");
            }
            List<Long> shape = new ArrayList<>();
            for (long i = 0; i < dimensions; i++) {
                shape.addFirst(in.int64());
            }
            DataType type = DataType.ofGguf(in.unsigned32(), where);
            long bytes = StoredTensor.byteSize(type, shape, where);
            long offset = in.int64();
            if (offset < 0 || offset % alignment != 0) {
                throw in.corrupt("the data of tensor " + Quoted.of(name) + " begins at " + Long.toUnsignedString(offset)
                        + ", no multiple of " + alignment);
            }
            return new Entry(name, type, shape, offset, bytes);
        }
    }

    private record Entry(String name, DataType type, List<Long> shape, long offset, long bytes) {}
}
