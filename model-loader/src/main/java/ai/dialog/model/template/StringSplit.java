package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Methods of {@code str} that take texts apart and put them together. */
final class StringSplit {

    private static final Signature SPLIT = Signature.of("split", 0, "sep", "maxsplit");
    private static final Signature SPLIT_LINES = Signature.of("splitlines", 0, "keepends");
    private static final Signature JOIN = Signature.positional("join", 1, 1);
    private static final Signature REPLACE = Signature.positional("replace", 2, 3);

    private StringSplit() {}

    static Object split(Budget budget, String text, Arguments arguments, boolean fromRight) {
        var bound = SPLIT.bind(arguments);
        Object separator = bound.get(0, None.NONE);
        long most = bound.integer(1, -1);
        most = most < 0 ? Long.MAX_VALUE : most;
        budget.allocate(text.length());
        if (separator == None.NONE) {
            return new PyList(fromRight ? wordsFromRight(text, most) : words(text, most));
        }
        String mark = Types.text(separator);
        if (mark.isEmpty()) {
            throw new TemplateException("empty separator");
        }
        return new PyList(fromRight ? atFromRight(text, mark, most) : at(text, mark, most));
    }

    private static List<Object> at(String text, String separator, long most) {
        var parts = new ArrayList<>();
        int start = 0;
        int found = text.indexOf(separator);
        while (found >= 0 && parts.size() < most) {
            parts.add(text.substring(start, found));
            start = found + separator.length();
            found = text.indexOf(separator, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static List<Object> atFromRight(String text, String separator, long most) {
        var parts = new ArrayList<>();
        int end = text.length();
        int found = text.lastIndexOf(separator);
        while (found >= 0 && parts.size() < most) {
            parts.add(text.substring(found + separator.length(), end));
            end = found;
            found = end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length());
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> words(String text, long most) {
        var parts = new ArrayList<>();
        int start = skip(text, 0, true);
        while (start < text.length() && parts.size() < most) {
            int end = skip(text, start, false);
            parts.add(text.substring(start, end));
            start = skip(text, end, true);
        }
        if (start < text.length()) {
            parts.add(text.substring(start));
        }
        return parts;
    }

    private static int skip(String text, int from, boolean space) {
        int i = from;
        while (i < text.length() && PyText.isSpace(text.charAt(i)) == space) {
            i++;
        }
        return i;
    }

    private static List<Object> wordsFromRight(String text, long most) {
        var parts = new ArrayList<>();
        int end = skipBack(text, text.length(), true);
        while (end > 0 && parts.size() < most) {
            int start = skipBack(text, end, false);
            parts.add(text.substring(start, end));
            end = skipBack(text, start, true);
        }
        if (end > 0) {
            parts.add(text.substring(0, end));
        }
        Collections.reverse(parts);
        return parts;
    }

    private static int skipBack(String text, int from, boolean space) {
        int i = from;
        while (i > 0 && PyText.isSpace(text.charAt(i - 1)) == space) {
            i--;
        }
        return i;
    }

    static Object splitLines(Budget budget, String text, Arguments arguments) {
        budget.allocate(text.length());
        return new PyList(PyText.lines(text, SPLIT_LINES.bind(arguments).flag(0)));
    }

    static Object join(Budget budget, String text, Arguments arguments) {
        var items = Iteration.iterator(JOIN.bind(arguments).get(0));
        var out = new StringBuilder();
        boolean first = true;
        while (items.hasNext()) {
            String item = Types.text(items.next());
            out.append(first ? "" : text).append(item);
            first = false;
            budget.allocate((long) text.length() + item.length());
            checkLength(budget, out.length());
        }
        return out.toString();
    }

    /** Refuses a text under construction that is over the bound of one value. */
    static void checkLength(Budget budget, long length) {
        if (length > budget.limits().text()) {
            budget.allocate(length);
        }
    }

    static Object replace(Budget budget, String text, Arguments arguments) {
        var bound = REPLACE.bind(arguments);
        return replace(budget, text, Types.text(bound.get(0)), Types.text(bound.get(1)), bound.integer(2, -1));
    }

    /** {@code str.replace}; an empty text to replace stands before every character and at the end. */
    static String replace(Budget budget, String text, String old, String replacement, long count) {
        long most = count < 0 ? Long.MAX_VALUE : count;
        budget.allocate(text.length());
        if (most == 0 || (!old.isEmpty() && !text.contains(old))) {
            return text;
        }
        var out = new StringBuilder(text.length() + replacement.length());
        int start = 0;
        long done = 0;
        while (done < most) {
            int found = text.indexOf(old, start);
            if (found < 0) {
                break;
            }
            if (old.isEmpty()) {
                out.append(replacement);
                if (start == text.length()) {
                    start++;
                    break;
                }
                int next = text.offsetByCodePoints(start, 1);
                out.append(text, start, next);
                start = next;
            } else {
                out.append(text, start, found).append(replacement);
                start = found + old.length();
            }
            done++;
            budget.allocate(replacement.length());
            checkLength(budget, out.length());
        }
        return start <= text.length() ? out.append(text.substring(start)).toString() : out.toString();
    }
}
