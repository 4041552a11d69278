package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;

/**
 * Ranges of characters as ranges of their bytes in UTF-8: a range is cut where the number of bytes changes and where a
 * prefix of bytes is used up only in part (the method of Ken Thompson's UTF-8 automata, as in Rust's {@code utf8-ranges}).
 */
final class Utf8 {

    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
    private static final int FIRST_SURROGATE = 0xD800;
    private static final int LAST_SURROGATE = 0xDFFF;

    private Utf8() {}

    /** Draws edges that take one character of a range; half of a surrogate pair is none. */
    static void range(GrammarBuilder grammar, int from, int low, int high, int to) {
        if (low <= LAST_SURROGATE && high >= FIRST_SURROGATE) {
            range(grammar, from, low, FIRST_SURROGATE - 1, to);
            range(grammar, from, LAST_SURROGATE + 1, high, to);
            return;
        }
        int least = low;
        for (int last : LAST_OF_LENGTH) {
            if (least <= Math.min(high, last)) {
                split(grammar, from, least, Math.min(high, last), to);
                least = last + 1;
            }
        }
    }

    private static void split(GrammarBuilder grammar, int from, int low, int high, int to) {
        int length = bytes(low).length;
        for (int i = 1; i < length; i++) {
            int tail = (1 << (6 * i)) - 1;
            if ((low & ~tail) != (high & ~tail)) {
                if ((low & tail) != 0) {
                    split(grammar, from, low, low | tail, to);
                    split(grammar, from, (low | tail) + 1, high, to);
                    return;
                }
                if ((high & tail) != tail) {
                    split(grammar, from, low, (high & ~tail) - 1, to);
                    split(grammar, from, high & ~tail, high, to);
                    return;
                }
            }
        }
        byte[] first = bytes(low);
        byte[] last = bytes(high);
        int at = from;
        for (int i = 0; i < length; i++) {
            int next = i + 1 == length ? to : grammar.node();
            grammar.bytes(at, first[i] & 0xff, last[i] & 0xff, next);
            at = next;
        }
    }

    private static byte[] bytes(int codePoint) {
        return Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
    }
}
