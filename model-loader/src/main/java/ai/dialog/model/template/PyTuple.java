package ai.dialog.model.template;

import java.util.List;

/**
 * Python's {@code tuple}.
 *
 * @param items its elements
 * @param fields the names of its elements where it is a named tuple, else empty
 */
record PyTuple(List<Object> items, List<String> fields) {

    static final PyTuple EMPTY = new PyTuple(List.of());

    PyTuple(List<Object> items) {
        this(items, List.of());
    }

    static PyTuple of(Object first, Object second) {
        return new PyTuple(List.of(first, second));
    }
}
