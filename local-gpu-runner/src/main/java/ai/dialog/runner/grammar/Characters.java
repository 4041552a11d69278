package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;

/** A set of characters of a pattern, drawn as they stand in a JSON string. */
final class Characters {

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
