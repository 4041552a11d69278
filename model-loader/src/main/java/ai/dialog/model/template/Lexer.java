package ai.dialog.model.template;

import ai.dialog.model.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Splits a template into tokens, as Jinja2's lexer does with {@code trim_blocks} and {@code lstrip_blocks} on.
 *
 * <p>White space around tags is settled here: {@code -} takes all of it away, a block tag or comment alone takes the
 * blanks before it on its line and one line break after it, {@code +} keeps them.
 */
final class Lexer {

    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final int end;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> brackets = new ArrayDeque<>();
    private int position;
    private int line = 1;
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
        this.end = source.length();
    }

    static List<Token> tokenize(String template) {
        String source = PyText.normalizeNewlines(template);
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        var lexer = new Lexer(source);
        while (lexer.position < lexer.end) {
            lexer.root();
        }
        lexer.add(Kind.END, "", None.NONE);
        return lexer.tokens;
    }

    private void root() {
        int tag = nextTag();
        if (tag < 0) {
            data(source.substring(position));
            advance(end);
            return;
        }
        int raw = rawBegin(tag);
        char kind = source.charAt(tag + 1);
        int afterSign = tag + 2;
        char sign = signAt(afterSign);
        if (sign != 0) {
            afterSign++;
        }
        data(strippedBefore(source.substring(position, tag), sign, kind == '{'));
        if (raw >= 0) {
            advance(raw);
            raw();
        } else if (kind == '#') {
            advance(afterSign);
            comment();
        } else {
            advance(tag);
            add(kind == '{' ? Kind.VARIABLE_BEGIN : Kind.BLOCK_BEGIN, "", None.NONE);
            advance(afterSign);
            inside(kind == '{');
        }
    }

    private int nextTag() {
        for (int i = source.indexOf('{', position); i >= 0 && i + 1 < end; i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private char signAt(int index) {
        char c = index < end ? source.charAt(index) : 0;
        return c == '-' || c == '+' ? c : 0;
    }

    private String strippedBefore(String text, char sign, boolean variable) {
        if (sign == '-') {
            return PyText.stripRight(text);
        }
        if (sign == '+' || variable) {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean blank = lineStart < text.length() && PyText.isBlank(text.substring(lineStart));
        return blank && (lineStart > 0 || lineStarting) ? text.substring(0, lineStart) : text;
    }

    /** The end of {@code {% raw %}} where that is the tag here, else -1. */
    private int rawBegin(int tag) {
        if (source.charAt(tag + 1) != '%') {
            return -1;
        }
        int i = tag + 2;
        i = skipBlanks(signAt(i) == 0 ? i : i + 1);
        if (!source.startsWith("raw", i)) {
            return -1;
        }
        i = skipBlanks(i + 3);
        if (source.startsWith("-%}", i)) {
            return skipBlanks(i + 3);
        }
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw() {
        for (int i = source.indexOf("{%", position); i >= 0; i = source.indexOf("{%", i + 1)) {
            char sign = signAt(i + 2);
            int word = skipBlanks(sign == 0 ? i + 2 : i + 3);
            if (!source.startsWith("endraw", word)) {
                continue;
            }
            int close = blockEnd(skipBlanks(word + 6));
            if (close >= 0) {
                data(strippedBefore(source.substring(position, i), sign, false));
                advance(close);
                return;
            }
        }
        if (position < end) {
            throw new TemplateException("missing end of raw directive", line);
        }
    }

    private void comment() {
        int close = source.indexOf("#}", position);
        if (position >= end) {
            return;
        }
        if (close < 0) {
            throw new TemplateException("missing end of comment tag", line);
        }
        char sign = close > position ? signAt(close - 1) : 0;
        int after = close + 2;
        if (sign == '-') {
            after = skipBlanks(after);
        } else if (sign == 0 && after < end && source.charAt(after) == '\n') {
            after++;
        }
        advance(after);
    }

    /** The end of the block end tag that is here, else -1. */
    private int blockEnd(int index) {
        if (source.startsWith("+%}", index)) {
            return index + 3;
        }
        if (source.startsWith("-%}", index)) {
            return skipBlanks(index + 3);
        }
        if (source.startsWith("%}", index)) {
            return index + 2 < end && source.charAt(index + 2) == '\n' ? index + 3 : index + 2;
        }
        return -1;
    }

    private int variableEnd(int index) {
        if (source.startsWith("-}}", index)) {
            return skipBlanks(index + 3);
        }
        return source.startsWith("}}", index) ? index + 2 : -1;
    }

    private void inside(boolean variable) {
        brackets.clear();
        while (position < end) {
            int close = !brackets.isEmpty() ? -1 : variable ? variableEnd(position) : blockEnd(position);
            if (close >= 0) {
                add(variable ? Kind.VARIABLE_END : Kind.BLOCK_END, "", None.NONE);
                advance(close);
                return;
            }
            token();
        }
    }

    private void token() {
        int point = source.codePointAt(position);
        if (PyText.isSpace(point)) {
            advance(skipBlanks(position));
        } else if (point >= '0' && point <= '9') {
            boolean afterDot = position > 0 && source.charAt(position - 1) == '.';
            var number = NumberLiteral.at(source, position, !afterDot, line);
            add(number.value() instanceof Double ? Kind.FLOAT : Kind.INTEGER, "", number.value());
            advance(number.end());
        } else if (point == '\'' || point == '"') {
            string((char) point);
        } else if (point == '_' || Character.isUnicodeIdentifierStart(point)) {
            name();
        } else {
            operator();
        }
    }

    private void name() {
        int i = position;
        while (i < end) {
            int point = source.codePointAt(i);
            if (point != '_' && (!Character.isUnicodeIdentifierPart(point) || Character.isIdentifierIgnorable(point))) {
                break;
            }
            i += Character.charCount(point);
        }
        add(Kind.NAME, source.substring(position, i).intern(), None.NONE);
        advance(i);
    }

    private void string(char quote) {
        int i = position + 1;
        while (i < end && source.charAt(i) != quote) {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        if (i >= end) {
            throw new TemplateException("a string that begins here has no end", line);
        }
        add(Kind.STRING, StringLiteral.unescape(source.substring(position + 1, i), line), None.NONE);
        advance(i + 1);
    }

    private void operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                balance(operator.charAt(0));
                add(Kind.OPERATOR, operator, None.NONE);
                advance(position + operator.length());
                return;
            }
        }
        throw new TemplateException(
                "unexpected character '" + Character.toString(source.codePointAt(position)) + "'", line);
    }

    private void balance(char c) {
        switch (c) {
            case '(' -> brackets.push(')');
            case '[' -> brackets.push(']');
            case '{' -> brackets.push('}');
            case ')', ']', '}' -> {
                if (brackets.isEmpty()) {
                    throw new TemplateException("unexpected '" + c + "'", line);
                }
                char expected = brackets.pop();
                if (expected != c) {
                    throw new TemplateException("unexpected '" + c + "', expected '" + expected + "'", line);
                }
            }
            default -> {}
        }
    }

    private int skipBlanks(int index) {
        int i = index;
        while (i < end && PyText.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            add(Kind.DATA, text, None.NONE);
        }
    }

    private void add(Kind kind, String text, Object value) {
        tokens.add(new Token(kind, text, value, line));
    }

    private void advance(int to) {
        for (int i = position; i < to; i++) {
            line += source.charAt(i) == '\n' ? 1 : 0;
        }
        lineStarting = to > position && source.charAt(to - 1) == '\n';
        position = to;
    }
}
