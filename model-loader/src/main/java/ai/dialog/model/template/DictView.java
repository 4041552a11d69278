package ai.dialog.model.template;

import java.util.Iterator;
import java.util.Locale;

/** What {@code keys()}, {@code values()} and {@code items()} of a dict give. */
record DictView(PyDict dict, Kind kind) {

    /** Which part of the dict is seen. */
    enum Kind {
        KEYS,
        VALUES,
        ITEMS;

        String typeName() {
            return "dict_" + name().toLowerCase(Locale.ROOT);
        }
    }

    Iterator<Object> iterator() {
        var entries = dict.entries().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Object next() {
                var entry = entries.next();
                return switch (kind) {
                    case KEYS -> entry.key();
                    case VALUES -> entry.value();
                    case ITEMS -> PyTuple.of(entry.key(), entry.value());
                };
            }
        };
    }
}
