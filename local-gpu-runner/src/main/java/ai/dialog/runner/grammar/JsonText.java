package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON's own grammar (RFC 8259), a little narrower: strings are well-formed Unicode, numbers have at most
 * {@link #MAX_DIGITS} digits in each part, which a double holds, and white space stands where people and programs put it and is
 * bounded, so that no model can write it for ever.
 */
final class JsonText {

    /** A double has 15 decimal digits. */
    static final int MAX_DIGITS = 15;

    /** Of a line in a printed object: eight levels of two. */
    private static final int MAX_INDENT = 16;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final GrammarBuilder grammar;
    private final Rule character;
    private final Rule space;
    private final Rule value;
    private final Rule object;

    JsonText(GrammarBuilder grammar) {
        this.grammar = grammar;
        this.character = grammar.rule();
        this.space = grammar.rule();
        this.value = grammar.rule();
        this.object = grammar.rule();
        character(character.start(), character.end());
        drawSpace();
        drawObject();
        drawValue();
    }

    /** Any value. */
    Rule value() {
        return value;
    }

    /** Any object. */
    Rule object() {
        return object;
    }

    /** One character of a string. */
    Rule character() {
        return character;
    }

    /** A value as it is, in its shortest form. */
    static byte[] bytes(JsonNode value) {
        return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
    }

    /** A string with its quotes. */
    static byte[] quoted(String text) {
        return JSON.writeValueAsString(text).getBytes(StandardCharsets.UTF_8);
    }

    /** White space where a line may be broken: after what opens and a comma, and before what closes. */
    int space(int from) {
        int to = grammar.node();
        grammar.call(from, space, to);
        return to;
    }

    /** A colon and perhaps one space. */
    int colon(int from) {
        int colon = grammar.node();
        int to = grammar.node();
        grammar.ascii(from, ':', colon);
        grammar.ascii(colon, ' ', to);
        grammar.skip(colon, to);
        return to;
    }

    /** A comma and white space. */
    int comma(int from) {
        return space(after(from, ','));
    }

    int after(int from, char c) {
        int to = grammar.node();
        grammar.ascii(from, c, to);
        return to;
    }

    /** White space and what closes. */
    void close(int from, char c, int to) {
        grammar.ascii(space(from), c, to);
    }

    /** Any string. */
    void string(int from, int to) {
        int inside = after(from, '"');
        character(inside, inside);
        grammar.ascii(inside, '"', to);
    }

    /** Edges that take one character of a string, written as itself or escaped. */
    void character(int from, int to) {
        Utf8.range(grammar, from, 0x20, '"' - 1, to);
        Utf8.range(grammar, from, '"' + 1, '\\' - 1, to);
        Utf8.range(grammar, from, '\\' + 1, Character.MAX_CODE_POINT, to);
        int escape = after(from, '\\');
        grammar.anyOf(escape, "\"\\/bfnrt", to);
        int first = after(escape, 'u');
        int second = grammar.node();
        int third = grammar.node();
        int fourth = grammar.node();
        grammar.anyOf(first, "0123456789abcefABCEF", second);
        hex(second, third);
        // half of a surrogate pair is no character, and pairs are written as themselves
        int notSurrogate = grammar.node();
        grammar.anyOf(first, "dD", notSurrogate);
        grammar.bytes(notSurrogate, '0', '7', third);
        hex(third, fourth);
        hex(fourth, to);
    }

    private void hex(int from, int to) {
        grammar.bytes(from, '0', '9', to);
        grammar.bytes(from, 'a', 'f', to);
        grammar.bytes(from, 'A', 'F', to);
    }

    /** A whole number. */
    void integer(int from, int to) {
        int sign = grammar.node();
        grammar.skip(from, sign);
        grammar.ascii(from, '-', sign);
        grammar.ascii(sign, '0', to);
        int digit = grammar.node();
        grammar.bytes(sign, '1', '9', digit);
        digits(digit, MAX_DIGITS - 1, to);
    }

    /** Any number. */
    void number(int from, int to) {
        int whole = grammar.node();
        integer(from, whole);
        grammar.skip(whole, to);
        int fraction = grammar.node();
        int digit = grammar.node();
        grammar.bytes(after(whole, '.'), '0', '9', digit);
        digits(digit, MAX_DIGITS - 1, fraction);
        grammar.skip(fraction, to);
        int sign = grammar.node();
        int exponent = grammar.node();
        grammar.anyOf(whole, "eE", sign);
        grammar.anyOf(fraction, "eE", sign);
        grammar.skip(sign, exponent);
        grammar.anyOf(sign, "+-", exponent);
        // two digits keep it within a double's range
        int one = grammar.node();
        grammar.bytes(exponent, '0', '9', one);
        digits(one, 1, to);
    }

    private void digits(int from, int most, int to) {
        int at = from;
        for (int i = 0; i < most; i++) {
            grammar.skip(at, to);
            int next = grammar.node();
            grammar.bytes(at, '0', '9', next);
            at = next;
        }
        grammar.skip(at, to);
    }

    private void drawSpace() {
        int end = space.end();
        grammar.skip(space.start(), end);
        grammar.ascii(space.start(), ' ', end);
        int at = after(space.start(), '\n');
        grammar.ascii(at, '\t', end);
        for (int i = 0; i < MAX_INDENT; i++) {
            grammar.skip(at, end);
            at = after(at, ' ');
        }
        grammar.skip(at, end);
    }

    private void drawObject() {
        int first = space(after(object.start(), '{'));
        grammar.ascii(first, '}', object.end());
        int key = grammar.node();
        int last = grammar.node();
        grammar.skip(first, key);
        int named = grammar.node();
        string(key, named);
        grammar.call(colon(named), value, last);
        // a key must follow a comma, so it does not lead back to where the object may close
        grammar.skip(comma(last), key);
        close(last, '}', object.end());
    }

    private void drawValue() {
        int start = value.start();
        int end = value.end();
        grammar.call(start, object, end);
        int open = after(start, '[');
        int first = space(open);
        grammar.ascii(first, ']', end);
        int last = grammar.node();
        grammar.call(first, value, last);
        grammar.call(comma(last), value, last);
        close(last, ']', end);
        string(start, end);
        number(start, end);
        for (String word : new String[] {"true", "false", "null"}) {
            grammar.skip(grammar.text(start, word.getBytes(StandardCharsets.US_ASCII)), end);
        }
    }
}
