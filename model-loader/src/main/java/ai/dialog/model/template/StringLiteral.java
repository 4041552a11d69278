package ai.dialog.model.template;

import java.util.Locale;

/** The escapes of a string in the source: Python's {@code unicode-escape}, as Jinja2 applies it. */
final class StringLiteral {

    private StringLiteral() {}

    static String unescape(String literal, int line) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        var out = new StringBuilder(literal.length());
        int i = 0;
        while (i < literal.length()) {
            char c = literal.charAt(i);
            if (c == '\\') {
                i = escape(literal, i + 1, out, line);
            } else {
                out.append(c);
                i++;
            }
        }
        return out.toString();
    }

    private static int escape(String literal, int at, StringBuilder out, int line) {
        char c = literal.charAt(at);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> out.append(c);
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append('\u000b');
            case 'x' -> {
                return hex(literal, at + 1, 2, out, line);
            }
            case 'u' -> {
                return hex(literal, at + 1, 4, out, line);
            }
            case 'U' -> {
                return hex(literal, at + 1, 8, out, line);
            }
            case 'N' -> {
                return named(literal, at + 1, out, line);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                return octal(literal, at, out);
            }
            default -> {
                return unknown(literal, at, out);
            }
        }
        return at + 1;
    }

    private static int hex(String literal, int start, int digits, StringBuilder out, int line) {
        int end = start + digits;
        int value = 0;
        for (int i = start; i < end; i++) {
            int digit = i < literal.length() && literal.charAt(i) < 128 ? Character.digit(literal.charAt(i), 16) : -1;
            if (digit < 0) {
                throw new TemplateException("truncated \\" + literal.charAt(start - 1) + " escape in a string", line);
            }
            value = value << 4 | digit;
        }
        if (!Character.isValidCodePoint(value)) {
            throw new TemplateException("illegal Unicode character in a string", line);
        }
        out.appendCodePoint(value);
        return end;
    }

    private static int named(String literal, int start, StringBuilder out, int line) {
        int close = literal.startsWith("{", start) ? literal.indexOf('}', start) : -1;
        if (close < 0) {
            throw new TemplateException("malformed \\N character escape in a string", line);
        }
        try {
            out.appendCodePoint(Character.codePointOf(literal.substring(start + 1, close)));
        } catch (IllegalArgumentException unknown) {
            throw new TemplateException("unknown Unicode character name in a string", line);
        }
        return close + 1;
    }

    private static int octal(String literal, int start, StringBuilder out) {
        int value = 0;
        int i = start;
        while (i < literal.length() && i < start + 3 && literal.charAt(i) >= '0' && literal.charAt(i) <= '7') {
            value = value * 8 + literal.charAt(i++) - '0';
        }
        out.appendCodePoint(value);
        return i;
    }

    /**
     * A backslash that escapes nothing stays. Jinja2 first turns what is not ASCII into escapes of its own, so that
     * a backslash before such a character leaves the text of that escape.
     */
    private static int unknown(String literal, int at, StringBuilder out) {
        out.append('\\');
        int point = literal.codePointAt(at);
        if (point < 128) {
            out.append((char) point);
        } else {
            String form = point < 0x100 ? "x%02x" : point < 0x10000 ? "u%04x" : "U%08x";
            out.append(String.format(Locale.ROOT, form, point));
        }
        return at + Character.charCount(point);
    }
}
