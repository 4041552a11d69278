package ai.dialog.model.template;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code dict}: in order of insertion, with keys equal as Python has it (1, 1.0 and True are one key). */
final class PyDict {

    private final Map<Object, Entry> entries;

    /** A key as it was written, and its value. */
    record Entry(Object key, Object value) {}

    PyDict() {
        this(8);
    }

    PyDict(int expected) {
        entries = LinkedHashMap.newLinkedHashMap(expected);
    }

    @Nullable
    Object get(Object key) {
        var entry = entries.get(key instanceof String ? key : HashKey.of(key));
        return entry == null ? null : entry.value();
    }

    boolean contains(Object key) {
        return entries.containsKey(HashKey.of(key));
    }

    /** Sets a value; as in Python, a key that is there already keeps its place and its first spelling. */
    void put(Object key, Object value) {
        var hash = HashKey.of(key);
        var present = entries.get(hash);
        entries.put(hash, new Entry(present == null ? key : present.key(), value));
    }

    int size() {
        return entries.size();
    }

    Collection<Entry> entries() {
        return entries.values();
    }
}
