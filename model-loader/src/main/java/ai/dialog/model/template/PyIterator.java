package ai.dialog.model.template;

import java.util.Iterator;

/**
 * A generator or iterator: it can be walked once, has no length, and is always true, as in Python; its elements are
 * computed when they are asked for.
 */
record PyIterator(Iterator<Object> items, String typeName) {

    static PyIterator generator(Iterator<Object> items) {
        return new PyIterator(items, "generator");
    }
}
