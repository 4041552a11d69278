package ai.dialog.model.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Methods of {@code str} that look for a text in another; positions are counted in code points. */
final class StringSearch {

    private StringSearch() {}

    /** A part of a text: where it begins in code points, and its content. */
    private record Window(long start, String text) {}

    /** The part between the optional second and third argument; null where it begins beyond the end. */
    private static @Nullable Window window(String text, Signature.Bound bound) {
        if (!bound.has(1)) {
            return new Window(0, text);
        }
        long length = text.codePointCount(0, text.length());
        long start = position(bound.get(1), 0, length);
        long end = Math.min(bound.has(2) ? position(bound.get(2), length, length) : length, length);
        return start > length || start > end ? null : new Window(start, PyText.substring(text, start, end));
    }

    private static long position(Object value, long absent, long length) {
        if (value == None.NONE) {
            return absent;
        }
        long index = Types.index(value);
        return index < 0 ? Math.max(0, index + length) : index;
    }

    /** {@code startswith} and {@code endswith}, of one text or a tuple of them. */
    static Object affix(String text, Signature.Bound bound, boolean prefix) {
        var window = window(text, bound);
        var candidates = bound.get(0) instanceof PyTuple tuple ? tuple.items() : List.of(bound.get(0));
        for (Object candidate : candidates) {
            String affix = Types.text(candidate);
            if (window != null
                    && (prefix ? window.text().startsWith(affix) : window.text().endsWith(affix))) {
                return true;
            }
        }
        return false;
    }

    static Object find(String text, Signature.Bound bound, boolean last) {
        String sought = Types.text(bound.get(0));
        var window = window(text, bound);
        if (window == null) {
            return -1L;
        }
        int index = last ? window.text().lastIndexOf(sought) : window.text().indexOf(sought);
        return index < 0 ? -1L : window.start() + window.text().codePointCount(0, index);
    }

    static Object index(String text, Signature.Bound bound, boolean last) {
        Object found = find(text, bound, last);
        if (found.equals(-1L)) {
            throw new TemplateException("substring not found");
        }
        return found;
    }

    static Object count(String text, Signature.Bound bound) {
        String sought = Types.text(bound.get(0));
        var window = window(text, bound);
        if (window == null) {
            return 0L;
        }
        if (sought.isEmpty()) {
            return window.text().codePointCount(0, window.text().length()) + 1L;
        }
        long count = 0;
        for (int i = window.text().indexOf(sought); i >= 0; i = window.text().indexOf(sought, i + sought.length())) {
            count++;
        }
        return count;
    }

    static Object partition(String text, Signature.Bound bound, boolean last) {
        String separator = Types.text(bound.get(0));
        if (separator.isEmpty()) {
            throw new TemplateException("empty separator");
        }
        int index = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (index < 0) {
            return new PyTuple(last ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new PyTuple(List.of(text.substring(0, index), separator, text.substring(index + separator.length())));
    }
}
