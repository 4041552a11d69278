package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Text as Python sees it: indexed by code point, with Python's ideas of white space, lines and letters. */
final class PyText {

    private PyText() {}

    /** {@code str.isspace} of one character. */
    static boolean isSpace(int point) {
        return switch (point) {
            case ' ', '\t', '\n', 0x0b, '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xa0, 0x1680 -> true;
            case 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
            default -> point >= 0x2000 && point <= 0x200a;
        };
    }

    static boolean isBlank(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isSpace(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static String normalizeNewlines(String text) {
        return text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
    }

    static String stripLeft(String text) {
        return stripLeft(text, PyText::isSpace);
    }

    static String stripRight(String text) {
        return stripRight(text, PyText::isSpace);
    }

    static String stripLeft(String text, IntPredicate strips) {
        int start = 0;
        while (start < text.length() && strips.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        return text.substring(start);
    }

    static String stripRight(String text, IntPredicate strips) {
        int end = text.length();
        while (end > 0 && strips.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(0, end);
    }

    /** The white-space predicate, or membership in {@code characters} where they are given. */
    static IntPredicate stripped(Object characters) {
        if (characters == None.NONE) {
            return PyText::isSpace;
        }
        String set = Types.text(characters);
        return point -> set.indexOf(point) >= 0;
    }

    /** The offset in UTF-16 of a code point; beyond the end, the end. */
    static int offset(String text, long codePoints) {
        if (codePoints <= 0) {
            return 0;
        }
        if (codePoints >= text.length() || codePoints >= text.codePointCount(0, text.length())) {
            return text.length();
        }
        return text.offsetByCodePoints(0, (int) codePoints);
    }

    static String substring(String text, long start, long end) {
        int from = offset(text, start);
        return text.substring(from, Math.max(from, offset(text, end)));
    }

    static List<Object> characters(String text) {
        var characters = new ArrayList<>(text.length());
        text.codePoints().forEach(point -> characters.add(Character.toString(point)));
        return characters;
    }

    /** {@code str.splitlines}. */
    static List<Object> lines(String text, boolean keepEnds) {
        var lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isLineBreak(text.charAt(i))) {
                int end = i;
                if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                lines.add(text.substring(start, keepEnds ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean isLineBreak(char c) {
        return switch (c) {
            case '\n', '\r', 0x0b, '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titleCase(text.substring(0, first)) + lower(text.substring(first));
    }

    /** {@code str.title}: every run of letters begins with a capital. */
    static String title(String text) {
        var out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            String character = Character.toString(point);
            out.append(inWord ? lower(character) : titleCase(character));
            inWord = isCased(point);
            i += Character.charCount(point);
        }
        return out.toString();
    }

    private static String titleCase(String character) {
        int point = character.codePointAt(0);
        int title = Character.toTitleCase(point);
        if (title != point) {
            return Character.toString(title);
        }
        String upper = upper(character);
        return upper.length() > character.length() ? upper.charAt(0) + lower(upper.substring(1)) : upper;
    }

    static String swapCase(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            String character = Character.toString(point);
            out.append(Character.isUpperCase(point) ? lower(character) : upper(character));
        });
        return out.toString();
    }

    static boolean isCased(int point) {
        return Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
    }

    static boolean isDecimal(int point) {
        return Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /** {@code str.isdigit}: decimals, and the superscript, subscript and circled digits. */
    static boolean isDigit(int point) {
        return isDecimal(point)
                || point == 0xb2
                || point == 0xb3
                || point == 0xb9
                || point == 0x2070
                || (point >= 0x2074 && point <= 0x2079)
                || (point >= 0x2080 && point <= 0x2089)
                || (point >= 0x2460 && point <= 0x2468);
    }

    static boolean isNumeric(int point) {
        int type = Character.getType(point);
        return isDigit(point) || type == Character.OTHER_NUMBER || type == Character.LETTER_NUMBER;
    }

    static boolean isAlpha(int point) {
        int type = Character.getType(point);
        return type >= Character.UPPERCASE_LETTER && type <= Character.OTHER_LETTER;
    }

    /** {@code str.isprintable} of one character. */
    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }
}
