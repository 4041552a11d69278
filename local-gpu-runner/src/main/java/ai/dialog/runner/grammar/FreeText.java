package ai.dialog.runner.grammar;

import java.util.Arrays;

/**
 * Draws any text, at the end of which, or instead of which, a marker may come: the automaton of Knuth, Morris and Pratt, so that a text
 * is read in one way only and costs a state for each byte of the marker.
 */
final class FreeText {

    private static final int ANY = Vocabulary.SPECIAL - 1;

    private final GrammarBuilder grammar;
    private final byte[] marker;
    private final int entry;
    private final int end;

    /**
     * Not drawn yet.
     *
     * @param marker as it is spelled, at least one byte
     * @param entry where it leads
     * @param end where the text may end
     */
    FreeText(GrammarBuilder grammar, byte[] marker, int entry, int end) {
        this.grammar = grammar;
        this.marker = marker;
        this.entry = entry;
        this.end = end;
    }

    /**
     * Draws it from a node.
     *
     * @param anywhere whether the marker may come behind other text than white space
     */
    void draw(int from, boolean anywhere) {
        int[] nodes = new int[marker.length];
        nodes[0] = from;
        int other = from;
        free(from, 0);
        if (!anywhere) {
            other = grammar.node();
            free(other, 0);
            grammar.bytes(other, 0, ANY, other);
        }
        for (int i = 1; i < marker.length; i++) {
            nodes[i] = grammar.node();
            if (!Vocabulary.isInSpecial(marker, i)) {
                free(nodes[i], textLength(Arrays.copyOf(marker, i)));
            }
        }
        for (int i = 0; i < marker.length; i++) {
            if ((marker[i] & 0xff) == Vocabulary.SPECIAL) {
                grammar.regions().ofMarker(Vocabulary.specialAt(marker, i));
            }
            int next = i + 1 == marker.length ? entry : nodes[i + 1];
            grammar.bytes(nodes[i], marker[i] & 0xff, marker[i] & 0xff, next);
            if (grammar.regions().isFree(nodes[i])) {
                others(i, nodes, anywhere, other);
            }
        }
    }

    /** How many characters of text the bytes are, as Java counts them: special tokens are none, nor is a part of a character. */
    static int textLength(byte[] spelled) {
        int length = 0;
        for (int i = 0; i < spelled.length; i++) {
            int b = spelled[i] & 0xff;
            if (!Vocabulary.isInSpecial(spelled, i) && b != Vocabulary.SPECIAL && isWhole(b, spelled.length - i)) {
                length += b < 0xF0 ? 1 : 2;
            }
        }
        return length;
    }

    /** Whether a character of UTF-8 begins with a byte, and that many bytes hold all of it. */
    private static boolean isWhole(int first, int bytes) {
        return first < 0x80 || (first >= 0xC0 && bytes >= (first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4));
    }

    private void free(int node, int held) {
        grammar.regions().free(node);
        grammar.regions().held(node, held);
        grammar.skip(node, end);
    }

    /** Where each byte leads that does not continue the marker. */
    private void others(int at, int[] nodes, boolean anywhere, int other) {
        int from = 0;
        for (int b = 0; b <= ANY; b++) {
            int to = target(at, b, nodes, anywhere, other);
            boolean last = b == ANY || to != target(at, b + 1, nodes, anywhere, other);
            if (last) {
                if (to >= 0) {
                    grammar.bytes(nodes[at], from, b, to);
                }
                from = b + 1;
            }
        }
    }

    private int target(int at, int b, int[] nodes, boolean anywhere, int other) {
        if (b == (marker[at] & 0xff)) {
            return -1;
        }
        if (!anywhere) {
            return at == 0 && (b == ' ' || b == '\n') ? nodes[0] : other;
        }
        for (int length = at; length > 0; length--) {
            if (b == (marker[length - 1] & 0xff) && isBorder(at, length - 1)) {
                return nodes[length];
            }
        }
        return nodes[0];
    }

    /** Whether the marker's first so many bytes are the last of its first {@code at} bytes. */
    private boolean isBorder(int at, int length) {
        for (int i = 0; i < length; i++) {
            if (marker[i] != marker[at - length + i]) {
                return false;
            }
        }
        return true;
    }
}
