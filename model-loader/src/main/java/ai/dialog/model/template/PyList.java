package ai.dialog.model.template;

import java.util.List;

/** Python's {@code list}. The sandbox lets no template change one, so it is never changed once made. */
record PyList(List<Object> items) {

    static final PyList EMPTY = new PyList(List.of());
}
