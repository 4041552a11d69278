package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The header of a safetensors file: eight bytes of length, a JSON object of tensors, then their data. Source: the format's
 * description in the safetensors repository. The JSON is read as a stream, so that no tree of it is built.
 */
final class SafetensorsFile {

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MOST_TENSORS = 1 << 16;
    private static final int MOST_DIMENSIONS = 4;

    private final String file;
    private final MemorySegment data;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final DataRanges ranges;

    private SafetensorsFile(String file, MemorySegment data) {
        this.file = file;
        this.data = data;
        this.ranges = new DataRanges(file, data.byteSize());
    }

    /**
     * Reads the header.
     *
     * @param file what errors call the file
     * @return where each tensor lies, by the file's own names
     */
    static Map<String, StoredTensor> parse(MemorySegment all, String file) {
        if (all.byteSize() < 8) {
            throw new ModelException(
                    file + " is truncated: it has " + all.byteSize() + " bytes, not even a header; download it again");
        }
        long length = all.get(LONG, 0);
        if (length < 2 || length > JsonFile.LARGEST) {
            throw new ModelException(file + " is not a valid safetensors file: its header would have "
                    + Long.toUnsignedString(length) + " bytes; 2 to " + JsonFile.LARGEST + " are possible");
        }
        if (length > all.byteSize() - 8) {
            throw new ModelException(file + " is truncated: its header has " + length + " bytes, the file "
                    + all.byteSize() + "; download it again");
        }
        byte[] header = all.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
        SafetensorsFile parsed = new SafetensorsFile(file, all.asSlice(8 + length));
        try (JsonParser json = JsonFile.parser(header)) {
            parsed.header(json);
        } catch (JacksonException e) {
            throw JsonFile.invalid("the header of " + file, e);
        }
        parsed.ranges.checkOverlaps();
        return parsed.tensors;
    }

    private void header(JsonParser json) {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals("__metadata__")) {
                json.skipChildren();
            } else {
                tensor(name, json);
            }
            if (tensors.size() > MOST_TENSORS) {
                throw corrupt("it has more than " + MOST_TENSORS + " tensors");
            }
        }
        expect(json.currentToken(), JsonToken.END_OBJECT, "the header");
        if (json.nextToken() != null) {
            throw corrupt("something follows its header's object");
        }
    }

    private void tensor(String name, JsonParser json) {
        String quoted = "tensor " + Quoted.of(name);
        expect(json.currentToken(), JsonToken.START_OBJECT, quoted);
        String dtype = "";
        List<Long> shape = List.of();
        List<Long> offsets = List.of();
        Set<String> seen = new HashSet<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = json.currentName();
            if (!seen.add(field)) {
                throw corrupt(quoted + " has the field " + Quoted.of(field) + " twice");
            }
            json.nextToken();
            switch (field) {
                case "dtype" -> {
                    expect(json.currentToken(), JsonToken.VALUE_STRING, quoted);
                    dtype = json.getString();
                }
                case "shape" -> shape = numbers(json, quoted);
                case "data_offsets" -> offsets = numbers(json, quoted);
                default -> throw corrupt(quoted + " has the unknown field " + Quoted.of(field));
            }
        }
        add(name, dtype, shape, offsets);
    }

    private void add(String name, String dtype, List<Long> shape, List<Long> offsets) {
        String where = file + ": tensor " + Quoted.of(name);
        if (isBuffer(name)) {
            return;
        }
        DataType type = DataType.ofSafetensors(dtype, where);
        if (offsets.size() != 2) {
            throw corrupt("tensor " + Quoted.of(name) + " must have two data_offsets");
        }
        long bytes = StoredTensor.byteSize(type, shape, where);
        long start = offsets.getFirst();
        if (start < 0 || offsets.getLast() - start != bytes) {
            throw corrupt("tensor " + Quoted.of(name) + " of shape " + shape + " and dtype " + type + " needs " + bytes
                    + " bytes; its data_offsets are " + offsets);
        }
        ranges.add(name, start, bytes);
        MemorySegment slice = data.asSlice(start, bytes);
        if (tensors.putIfAbsent(name, new StoredTensor(name, type, shape, slice)) != null) {
            throw corrupt("tensor " + Quoted.of(name) + " comes twice");
        }
    }

    /** Old checkpoints carry the rotary frequencies that follow from config.json anyway. */
    private static boolean isBuffer(String name) {
        return name.endsWith(".rotary_emb.inv_freq");
    }

    private List<Long> numbers(JsonParser json, String quoted) {
        expect(json.currentToken(), JsonToken.START_ARRAY, quoted);
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, quoted);
            if (numbers.size() == MOST_DIMENSIONS) {
                throw corrupt(quoted + " has more than " + MOST_DIMENSIONS + " dimensions");
            }
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    private void expect(JsonToken found, JsonToken wanted, String what) {
        if (found != wanted) {
            throw corrupt(what + " has " + found + " where " + wanted + " is needed");
        }
    }

    private ModelException corrupt(String why) {
        return new ModelException(
                file + " is not a valid safetensors file: " + why + "; it may be damaged: download it again");
    }
}
