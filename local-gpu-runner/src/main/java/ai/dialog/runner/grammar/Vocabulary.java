package ai.dialog.runner.grammar;

import ai.dialog.model.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The bytes of all tokens as one tree, in which tokens share what they begin with: a grammar is walked once for all of them,
 * and leaves a branch at its first byte that may not follow. Kept as arrays in the order of a walk.
 *
 * <p>Special tokens are no text and are allowed only where a grammar names them: each is spelled as four bytes, of which the first is
 * none of UTF-8's. Where any text may follow, all of them may but those that begin calls: they change nothing. The end of sequence is
 * allowed where the text may end. Immutable.
 */
final class Vocabulary {

    /** Tokens of more bytes, such as long runs of spaces, are left out: their text can be written by others. */
    private static final int MAX_BYTES = 128;

    /**
     * Places and edges of a grammar that one walk may look at, some tens of milliseconds. A schema that needs more is one that is read
     * in very many ways; its text is then written in tokens of one byte, which every such vocabulary has.
     */
    private static final long MAX_WORK = 1_000_000;

    /** Nodes of the tree between two looks at the work, which takes a lock. */
    private static final int LOOK_EVERY = 32;

    /** Begins the bytes of a special token; no text in UTF-8 has it. */
    static final int SPECIAL = 0xFF;

    /** How many bytes spell a special token; none but the first is {@link #SPECIAL}. */
    private static final int SPECIAL_LENGTH = 4;

    private final int size;
    private final Tokenizer tokenizer;
    private final Set<Integer> ends;
    private final byte[][] texts;
    private final byte[] bytes;
    private final short[] depths;
    private final int[] afterBranch;
    private final int[] firstToken;
    private final int[] lastToken;
    private final int[] tokens;
    private final int nodes;
    private final long[] written;
    private final int[] specials;

    /**
     * Of a tokenizer.
     *
     * @param size how many ids have scores, which may be more than there are tokens
     */
    Vocabulary(Tokenizer tokenizer, int size) {
        this.size = size;
        this.tokenizer = tokenizer;
        this.ends = Set.copyOf(tokenizer.endOfSequence());
        this.texts = new byte[size][];
        List<Integer> sorted = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            texts[id] = textOf(id);
            if (texts[id].length > 0 && texts[id].length <= MAX_BYTES) {
                sorted.add(id);
            }
        }
        sorted.sort((a, b) -> Arrays.compareUnsigned(texts[a], texts[b]));
        this.tokens = sorted.stream().mapToInt(Integer::intValue).toArray();
        int most = sorted.stream().mapToInt(id -> texts[id].length).sum();
        this.bytes = new byte[most];
        this.depths = new short[most];
        this.afterBranch = new int[most];
        this.firstToken = new int[most];
        this.lastToken = new int[most];
        this.nodes = grow();
        this.written = new long[(size + Long.SIZE - 1) / Long.SIZE];
        sorted.forEach(id -> written[id / Long.SIZE] |= 1L << id);
        this.specials = sorted.stream()
                .filter(id -> (texts[id][0] & 0xff) == SPECIAL)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private byte[] textOf(int id) {
        if (ends.contains(id)) {
            return new byte[0];
        }
        if (tokenizer.isSpecial(id)) {
            return special(id);
        }
        byte[] text = tokenizer.bytes(id);
        for (byte b : text) {
            if ((b & 0xff) == SPECIAL) {
                return new byte[0];
            }
        }
        return text;
    }

    /** Ids have at most 21 bits. */
    private static byte[] special(int id) {
        return new byte[] {(byte) SPECIAL, (byte) (id >>> 14 & 0x7F), (byte) (id >>> 7 & 0x7F), (byte) (id & 0x7F)};
    }

    /** The special token that is spelled from there on. */
    static int specialAt(byte[] spelled, int at) {
        return spelled[at + 1] << 14 | spelled[at + 2] << 7 | spelled[at + 3];
    }

    /** Whether a byte is one of a special token behind its first; such a token is not divided, and its bytes are no text. */
    static boolean isInSpecial(byte[] spelled, int at) {
        for (int back = 1; back < SPECIAL_LENGTH && back <= at; back++) {
            if ((spelled[at - back] & 0xff) == SPECIAL) {
                return true;
            }
        }
        return false;
    }

    /** A text's bytes as tokens spell them: the names of special tokens become these tokens. */
    byte[] spell(String text) {
        var bytes = new ByteArrayOutputStream();
        int at = 0;
        for (int id : tokenizer.encode(text, false)) {
            if (tokenizer.isSpecial(id) && !ends.contains(id)) {
                String name = new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
                int found = text.indexOf(name, at);
                if (found >= 0 && !name.isEmpty()) {
                    bytes.writeBytes(text.substring(at, found).getBytes(StandardCharsets.UTF_8));
                    bytes.writeBytes(special(id));
                    at = found + name.length();
                }
            }
        }
        bytes.writeBytes(text.substring(at).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** Whether a mask leaves out a token other than those that end the text. */
    boolean restricts(long[] allowed) {
        for (int block = 0; block < written.length; block++) {
            if ((written[block] & ~allowed[block]) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Draws the tree. Sorted tokens come in the order of a walk: each adds what it does not share with the one before. A
     * node's tokens, those whose text ends there, come one after the other.
     */
    private int grow() {
        int count = 0;
        int[] open = new int[MAX_BYTES];
        byte[] before = {};
        for (int i = 0; i < tokens.length; i++) {
            byte[] text = texts[tokens[i]];
            int differs = Arrays.mismatch(before, text);
            int shared = differs < 0 ? text.length : differs;
            close(open, shared, before.length, count);
            for (int at = shared; at < text.length; at++) {
                open[at] = count;
                bytes[count] = text[at];
                depths[count] = (short) at;
                firstToken[count] = i;
                lastToken[count] = i;
                count++;
            }
            lastToken[open[text.length - 1]] = i + 1;
            before = text;
        }
        close(open, 0, before.length, count);
        return count;
    }

    private void close(int[] open, int from, int to, int next) {
        for (int at = from; at < to; at++) {
            afterBranch[open[at]] = next;
        }
    }

    /** The tokens that may follow, a bit for each; the end of sequence where the text may end. */
    long[] allowed(Grammar.State state) {
        long[] allowed = new long[(size + Long.SIZE - 1) / Long.SIZE];
        var path = new Grammar.State[MAX_BYTES + 1];
        path[0] = state;
        long mostWork = state.work() + MAX_WORK;
        boolean tooMuch = false;
        int node = 0;
        while (node < nodes) {
            int depth = depths[node];
            if (node % LOOK_EVERY == 0) {
                tooMuch = state.work() > mostWork;
            }
            if (tooMuch && depth > 0) {
                node++;
                continue;
            }
            var after = path[depth].after(bytes[node] & 0xff);
            if (after == null) {
                node = afterBranch[node];
                continue;
            }
            path[depth + 1] = after;
            for (int i = firstToken[node]; i < lastToken[node]; i++) {
                allowed[tokens[i] / Long.SIZE] |= 1L << tokens[i];
            }
            node++;
        }
        if (state.isFree()) {
            Arrays.stream(specials)
                    .filter(id -> !state.isOfMarker(id))
                    .forEach(id -> allowed[id / Long.SIZE] |= 1L << id);
        }
        if (state.mayEnd()) {
            ends.stream().filter(end -> end < size).forEach(end -> allowed[end / Long.SIZE] |= 1L << end);
        }
        return allowed;
    }

    /** How many ids have scores. */
    int size() {
        return size;
    }

    /** Whether a token ends the text. */
    boolean isEnd(int token) {
        return ends.contains(token);
    }

    /** A token's bytes, as they are spelled; none where it ends the text. */
    byte[] text(int token) {
        return texts[token];
    }
}
