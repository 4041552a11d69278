package ai.dialog.runner.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Draws the nodes and edges of a {@link Grammar}. An edge takes a byte, or nothing, or a whole {@link Rule}. Bounded: a
 * schema that would need more nodes or edges is refused while it is being drawn, and that bounds time as well.
 */
final class GrammarBuilder {

    /** Of nodes and of edges. About 100 bytes each; published schemas need some hundreds. */
    static final int MAX_SIZE = 50_000;

    private static final int[] NONE = {};

    private final List<int[]> bytes = new ArrayList<>();
    private final List<int[]> skips = new ArrayList<>();
    private final List<int[]> calls = new ArrayList<>();
    private final BitSet ends = new BitSet();
    private final Regions regions = new Regions();
    private int edges;

    /** What is in calls, and what before them. */
    Regions regions() {
        return regions;
    }

    /** What was drawn until now. */
    record Mark(int nodes, int edges) {}

    Mark mark() {
        return new Mark(bytes.size(), edges);
    }

    /** Forgets what was drawn since then, to which nothing that is older may lead. */
    void back(Mark mark) {
        int all = bytes.size();
        bytes.subList(mark.nodes(), all).clear();
        skips.subList(mark.nodes(), all).clear();
        calls.subList(mark.nodes(), all).clear();
        ends.clear(mark.nodes(), all + 1);
        edges = mark.edges();
    }

    /** Checks that there is room for so many edges more. */
    void leave(int more) {
        if (edges + more > MAX_SIZE) {
            throw tooLarge();
        }
    }

    int node() {
        if (bytes.size() >= MAX_SIZE) {
            throw tooLarge();
        }
        bytes.add(NONE);
        skips.add(NONE);
        calls.add(NONE);
        return bytes.size() - 1;
    }

    Rule rule() {
        int start = node();
        int end = node();
        ends.set(end);
        return new Rule(start, end);
    }

    /** An edge for each byte of a range. */
    void bytes(int from, int low, int high, int to) {
        add(bytes, from, low, high, to);
    }

    /** An edge that takes nothing. */
    void skip(int from, int to) {
        add(skips, from, to);
    }

    /** An edge that takes all that a rule does. */
    void call(int from, Rule rule, int to) {
        add(calls, from, rule.start(), to);
    }

    /** Takes exactly this text, and gives where that leads. */
    int text(int from, byte[] text) {
        int at = from;
        for (byte b : text) {
            int next = node();
            bytes(at, b & 0xff, b & 0xff, next);
            at = next;
        }
        return at;
    }

    /** Takes one character of ASCII. */
    void ascii(int from, char c, int to) {
        bytes(from, c, c, to);
    }

    /** Takes one of these characters of ASCII. */
    void anyOf(int from, String characters, int to) {
        characters.chars().forEach(c -> bytes(from, c, c, to));
    }

    private void add(List<int[]> all, int node, int... edge) {
        if (++edges > MAX_SIZE) {
            throw tooLarge();
        }
        int[] old = all.get(node);
        int[] longer = Arrays.copyOf(old, old.length + edge.length);
        System.arraycopy(edge, 0, longer, old.length, edge.length);
        all.set(node, longer);
    }

    private static GrammarException tooLarge() {
        return new GrammarException(
                "the schema needs a grammar of more than %d states; make it smaller, above all its counted repetitions (minItems, maxItems, minLength, maxLength, {m,n} in a pattern)."
                        .formatted(MAX_SIZE));
    }

    /**
     * The grammar of all that a rule takes.
     *
     * @throws GrammarException if there is no text at all that it takes
     */
    Grammar build(Rule root) {
        var grammar = new Grammar(
                bytes.toArray(int[][]::new),
                skips.toArray(int[][]::new),
                calls.toArray(int[][]::new),
                ends,
                root.start(),
                regions);
        if (!grammar.satisfiable()) {
            throw noValue();
        }
        return grammar;
    }

    /** How many calls within calls it takes at least from each node to the end of its rule, by what is drawn until now. */
    int[] leastDepths() {
        return new LeastDepths(
                        bytes.toArray(int[][]::new), skips.toArray(int[][]::new), calls.toArray(int[][]::new), ends)
                .all();
    }

    static GrammarException noValue() {
        return new GrammarException("no value can satisfy the schema, or none that is nested at most %d levels deep."
                .formatted(Grammar.MAX_DEPTH));
    }
}
