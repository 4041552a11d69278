package ai.dialog.runner.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pushdown automaton over bytes, run by sets of places: a {@link State} is every place at which a reading of the text so
 * far can be. States and the steps between them are made when they are first needed and kept, up to a bound.
 *
 * <p>No step leads into a dead end. For each node it is known how much depth of calls the rest of its rule needs at least
 * ({@code need}); a place is kept only if that fits under what is left of {@link #MAX_DEPTH}, so that each place that is kept
 * can be written to an end. For the same reason a state may drop places beyond its bound: what is left is narrower, and
 * still ends. That bounds every step, however ambiguous a schema is. Thread-safe.
 */
final class Grammar {

    /** Of calls within calls, which is about how deep values are nested. JSON parsers of clients read much deeper. */
    static final int MAX_DEPTH = 64;

    /** Of one state: far more than alternatives that a schema's author would write. */
    private static final int MAX_PLACES = 1_000;

    /** Places looked at for one state, those included that take no byte; more only until there is one that does. */
    private static final int MAX_VISITS = 8_000;

    /** Beyond this all states are forgotten, and made again when they are needed. */
    private static final int MAX_STATES = 4_000;

    private static final int IMPOSSIBLE = 1 << 20;

    private final int[][] bytes;
    private final int[][] skips;
    private final int[][] calls;
    private final BitSet ends;
    private final int[] need;
    private final byte[] kindOf = new byte[256];
    private final int[] sampleOf;
    private final int start;
    private final State dead;
    private final Map<Place.Set, State> states = new HashMap<>();

    Grammar(int[][] bytes, int[][] skips, int[][] calls, BitSet ends, int start) {
        this.bytes = bytes;
        this.skips = skips;
        this.calls = calls;
        this.ends = ends;
        this.start = start;
        this.need = needs();
        this.sampleOf = kinds();
        this.dead = new State(new Place.Set(List.of(), false));
    }

    /** All texts so far, and what may follow. Compared by identity. */
    final class State {
        private final Place.Set places;
        private final @Nullable State[] next;

        State(Place.Set places) {
            this.places = places;
            this.next = new State[sampleOf.length];
        }

        /** Where a byte leads; null where it may not follow. */
        @Nullable
        State after(int b) {
            int kind = kindOf[b] & 0xff;
            State known = next[kind];
            if (known == null) {
                known = step(this, sampleOf[kind]);
                next[kind] = known;
            }
            return known == dead ? null : known;
        }

        /** Whether the text may end here. */
        boolean mayEnd() {
            return places.mayEnd();
        }

        /** Whether the text must end here. */
        boolean mustEnd() {
            return places.isEmpty();
        }
    }

    boolean satisfiable() {
        return need[start] <= MAX_DEPTH;
    }

    /** How many bytes kinds there are; for tests and figures. */
    int size() {
        return bytes.length;
    }

    /** Before the first byte. */
    synchronized State start() {
        var walk = new Walk();
        walk.add(start, null);
        return intern(walk.places());
    }

    private synchronized State step(State from, int b) {
        var walk = new Walk();
        for (Place place : from.places.all()) {
            int[] edges = bytes[place.node()];
            for (int i = 0; i < edges.length; i += 3) {
                if (edges[i] <= b && b <= edges[i + 1]) {
                    walk.add(edges[i + 2], place.callers());
                }
            }
        }
        var places = walk.places();
        return places.isEmpty() && !places.mayEnd() ? dead : intern(places);
    }

    private State intern(Place.Set places) {
        if (states.size() > MAX_STATES) {
            states.clear();
        }
        return states.computeIfAbsent(places, State::new);
    }

    /** Follows the edges that take no byte, depth first, so that a bound cuts off whole readings and no reading's middle. */
    private final class Walk {
        private final Set<Place> seen = new LinkedHashSet<>();
        private final List<Place> found = new ArrayList<>();
        private final ArrayDeque<Place> open = new ArrayDeque<>();
        private boolean mayEnd;

        void add(int node, @Nullable Place callers) {
            push(node, callers);
            while (!open.isEmpty() && !isFull()) {
                visit(open.pop());
            }
            open.clear();
        }

        private boolean isFull() {
            return found.size() >= MAX_PLACES || (seen.size() >= MAX_VISITS && (mayEnd || !found.isEmpty()));
        }

        private void push(int node, @Nullable Place callers) {
            int depth = callers == null ? 0 : callers.depth() + 1;
            if (depth + need[node] <= MAX_DEPTH) {
                var place = new Place(node, callers, depth);
                if (seen.add(place)) {
                    open.push(place);
                }
            }
        }

        private void visit(Place place) {
            int node = place.node();
            if (ends.get(node)) {
                Place caller = place.callers();
                if (caller == null) {
                    mayEnd = true;
                } else {
                    push(caller.node(), caller.callers());
                }
                return;
            }
            if (bytes[node].length > 0) {
                found.add(place);
            }
            for (int i = calls[node].length - 2; i >= 0; i -= 2) {
                push(calls[node][i], new Place(calls[node][i + 1], place.callers(), place.depth()));
            }
            for (int i = skips[node].length - 1; i >= 0; i--) {
                push(skips[node][i], place.callers());
            }
        }

        Place.Set places() {
            return new Place.Set(List.copyOf(found), mayEnd);
        }
    }

    /** The least depth of calls from each node to the end of its rule; a fixed point, each node lowered a few times. */
    private int[] needs() {
        int[][] before = before();
        int[] least = new int[bytes.length];
        Arrays.fill(least, IMPOSSIBLE);
        var changed = new ArrayDeque<Integer>();
        for (int end = ends.nextSetBit(0); end >= 0; end = ends.nextSetBit(end + 1)) {
            least[end] = 0;
            changed.add(end);
        }
        while (!changed.isEmpty()) {
            for (int node : before[changed.remove()]) {
                int now = need(node, least);
                if (now < least[node]) {
                    least[node] = now;
                    changed.add(node);
                }
            }
        }
        return least;
    }

    private int need(int node, int[] least) {
        int need = IMPOSSIBLE;
        for (int i = 2; i < bytes[node].length; i += 3) {
            need = Math.min(need, least[bytes[node][i]]);
        }
        for (int to : skips[node]) {
            need = Math.min(need, least[to]);
        }
        for (int i = 0; i < calls[node].length; i += 2) {
            need = Math.min(need, Math.max(1 + least[calls[node][i]], least[calls[node][i + 1]]));
        }
        return need;
    }

    /** For each node those with an edge to it, or with a call of it. */
    private int[][] before() {
        var all = new ArrayList<List<Integer>>();
        for (int node = 0; node < bytes.length; node++) {
            all.add(new ArrayList<>(2));
        }
        for (int node = 0; node < bytes.length; node++) {
            for (int i = 2; i < bytes[node].length; i += 3) {
                all.get(bytes[node][i]).add(node);
            }
            for (int to : skips[node]) {
                all.get(to).add(node);
            }
            for (int to : calls[node]) {
                all.get(to).add(node);
            }
        }
        return all.stream()
                .map(nodes -> nodes.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }

    /** Bytes that no edge tells apart are of one kind; gives one byte of each. */
    private int[] kinds() {
        var cuts = new BitSet(257);
        cuts.set(0);
        for (int[] edges : bytes) {
            for (int i = 0; i < edges.length; i += 3) {
                cuts.set(edges[i]);
                cuts.set(edges[i + 1] + 1);
            }
        }
        cuts.clear(256);
        int kind = -1;
        for (int b = 0; b < 256; b++) {
            kind += cuts.get(b) ? 1 : 0;
            kindOf[b] = (byte) kind;
        }
        return cuts.stream().toArray();
    }
}
