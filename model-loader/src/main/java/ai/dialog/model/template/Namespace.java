package ai.dialog.model.template;

import org.jspecify.annotations.Nullable;

/** {@code namespace()}: the one object whose attributes a template can set, so as to carry values out of a loop. */
record Namespace(PyDict attributes) implements Attributed {

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    @Override
    public String typeName() {
        return "Namespace";
    }
}
