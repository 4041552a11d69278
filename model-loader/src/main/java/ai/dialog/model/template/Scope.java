package ai.dialog.model.template;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one block: a few names in an array, and the scope around it. Loops, macros and blocks make one for
 * every run of their body, so that it has to be cheap to make.
 */
final class Scope {

    /** A parameter that was declared and has no value yet; it hides outer variables of its name. */
    static final Object MISSING = new Object();

    private static final String[] NO_NAMES = {};
    private static final Object[] NO_VALUES = {};

    private final @Nullable Scope outer;
    private String[] names = NO_NAMES;
    private Object[] values = NO_VALUES;
    private int size;

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    void set(String name, Object value) {
        int index = indexOf(name);
        if (index < 0) {
            if (size == names.length) {
                int capacity = Math.max(4, size * 2);
                names = Arrays.copyOf(names, capacity);
                values = Arrays.copyOf(values, capacity);
            }
            index = size++;
            names[index] = name;
        }
        values[index] = value;
    }

    /** The value of a variable, or null where no scope has it. */
    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            int index = scope.indexOf(name);
            if (index >= 0) {
                Object value = scope.values[index];
                return value == MISSING ? null : value;
            }
        }
        return null;
    }

    /** Whether a parameter of this scope was declared and has no value. */
    boolean isMissing(String name) {
        int index = indexOf(name);
        return index >= 0 && values[index] == MISSING;
    }

    private int indexOf(String name) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
