package ai.dialog.model.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the subset of Python's pickle protocol 2 that a TorchScript archive's {@code data.pkl} needs: one object with its
 * attributes. The opcodes' letters are those of Python's {@code pickletools}.
 */
final class Pickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Integer, Integer> memo = new HashMap<>();

    /** Begins an object of a class of module {@code __torch__}. */
    Pickle(String className) {
        op(0x80, 2).global("__torch__", className).op(')', 0x81, '}', '(');
    }

    Pickle attribute(String name, boolean value) {
        return string(name).op(value ? 0x88 : 0x89);
    }

    Pickle attribute(String name, long value) {
        return string(name).integer(value);
    }

    Pickle attribute(String name, double value) {
        string(name).op('G');
        out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
        return this;
    }

    Pickle attribute(String name, ArchiveTensor tensor) {
        return string(name).tensor(tensor);
    }

    Pickle attribute(String name, List<ArchiveTensor> tensors) {
        string(name).global("torch.jit._pickle", "build_tensorlist").op('(', ']', '(');
        tensors.forEach(this::tensor);
        return op('e', 't', 'R');
    }

    /** A list of whole numbers. */
    Pickle integers(String name, List<Integer> values) {
        string(name).global("torch.jit._pickle", "build_intlist").op('(', ']', '(');
        values.forEach(this::integer);
        return op('e', 't', 'R');
    }

    /** An empty list of what is no tensor. */
    Pickle emptyList(String name) {
        return string(name).op(']');
    }

    /** Ends the object. */
    byte[] finish() {
        op('u', 'b', '.');
        return out.toByteArray();
    }

    /** A tensor that comes a second time is the same object, so that it is loaded once. */
    private Pickle tensor(ArchiveTensor tensor) {
        Integer known = memo.get(tensor.key());
        if (known != null) {
            return op('j').int32(known);
        }
        global("torch._utils", "_rebuild_tensor_v2").op('(', '(').string("storage");
        global("torch", tensor.type().storage()).string(Integer.toString(tensor.key()));
        string("cpu").integer(tensor.elements()).op('t', 'Q').integer(0);
        integers(tensor.shape()).integers(strides(tensor.shape())).op(0x89);
        global("collections", "OrderedDict").op(')', 'R', 't', 'R');
        memo.put(tensor.key(), memo.size());
        return op('r').int32(memo.size() - 1);
    }

    private static List<Long> strides(List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.get(i);
        }
        return List.of(strides);
    }

    private Pickle integers(List<Long> values) {
        op('(');
        values.forEach(this::integer);
        return op('t');
    }

    private Pickle integer(long value) {
        if (value == (int) value) {
            return op('J').int32((int) value);
        }
        op(0x8a, Long.BYTES);
        out.writeBytes(little(Long.BYTES).putLong(value).array());
        return this;
    }

    private Pickle string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        op('X').int32(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private Pickle global(String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private Pickle int32(int value) {
        out.writeBytes(little(Integer.BYTES).putInt(value).array());
        return this;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Pickle op(int... codes) {
        for (int code : codes) {
            out.write(code);
        }
        return this;
    }
}
