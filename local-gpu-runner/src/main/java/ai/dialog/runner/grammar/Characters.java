package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;

/** A set of characters of a pattern, drawn as they stand in a JSON string. */
final class Characters {

    static final Characters DIGIT = of("09");
    static final Characters WORD = of("azAZ09__");
    static final Characters SPACE = of("\t\r  ");

    /** Also what is white space to Unicode or ends a line, so that no reading of the pattern takes it. */
    static final Characters ALL_SPACE = of(
            "\t\r  \u0085\u0085\u00A0\u00A0\u1680\u1680\u2000\u200A\u2028\u2029\u202F\u202F\u205F\u205F\u3000\u3000\uFEFF\uFEFF");

    static final Characters DOT = of("\n\n\r\r\u0085\u0085\u2028\u2029").negated();

    private static final int ALL = Character.MAX_CODE_POINT + 1;
    private static final String SHORT = "\b\f\n\r\t\"\\";
    private static final String SHORT_NAMES = "bfnrt\"\\";

    private final BitSet set = new BitSet();

    static Characters of(String ranges) {
        var characters = new Characters();
        for (int i = 0; i < ranges.length(); i += 2) {
            characters.add(ranges.charAt(i), ranges.charAt(i + 1));
        }
        return characters;
    }

    static Characters single(int c) {
        var one = new Characters();
        one.add(c, c);
        return one;
    }

    void add(int low, int high) {
        set.set(low, high + 1);
    }

    void add(Characters other) {
        set.or(other.set);
    }

    Characters negated() {
        var negated = new Characters();
        negated.set.or(set);
        negated.set.flip(0, ALL);
        return negated;
    }

    /** The one character of a set of one; -1 of any other. */
    int only() {
        return set.cardinality() == 1 ? set.nextSetBit(0) : -1;
    }

    /** Draws edges that take one of them. */
    void draw(GrammarBuilder grammar, int from, int to) {
        for (int low = set.nextSetBit(0); low >= 0; low = set.nextSetBit(low)) {
            int high = set.nextClearBit(low) - 1;
            drawRange(grammar, from, low, high, to);
            low = high + 1;
        }
    }

    private static void drawRange(GrammarBuilder grammar, int from, int low, int high, int to) {
        int at = low;
        for (; at <= Math.min(high, 0x1F); at++) {
            escaped(grammar, from, at, to);
        }
        for (char quoted : new char[] {'"', '\\'}) {
            if (at <= quoted && quoted <= high) {
                plain(grammar, from, at, quoted - 1, to);
                escaped(grammar, from, quoted, to);
                at = quoted + 1;
            }
        }
        plain(grammar, from, at, high, to);
    }

    private static void plain(GrammarBuilder grammar, int from, int low, int high, int to) {
        if (low <= high) {
            Utf8.range(grammar, from, low, high, to);
        }
    }

    private static void escaped(GrammarBuilder grammar, int from, int character, int to) {
        int name = SHORT.indexOf(character);
        String text =
                name >= 0 ? "\\" + SHORT_NAMES.charAt(name) : "\\u00" + String.format(Locale.ROOT, "%02x", character);
        grammar.skip(grammar.text(from, text.getBytes(StandardCharsets.US_ASCII)), to);
    }
}
