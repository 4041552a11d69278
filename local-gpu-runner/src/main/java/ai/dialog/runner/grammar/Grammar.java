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
    private static final int MAX_PLACES = 300;

    /** Places looked at for one state, those included that take no byte; more only until there is one that does. */
    private static final int MAX_VISITS = 8_000;

    /** Places of all states. Beyond it the states are forgotten, and made again when they are needed; a few megabytes. */
    private static final int MAX_KEPT = 100_000;

    /** What a state without places weighs, in places. */
    private static final int OF_A_STATE = 8;

    private final int[][] bytes;
    private final int[][] skips;
    private final int[][] calls;
    private final BitSet ends;
    private final Regions regions;
    private final int[] need;
    private final byte[] kindOf = new byte[256];
    private final int[] sampleOf;
    private final int start;
    private final State dead;
    private final Map<Place.Set, State> states = new HashMap<>();
    private int kept;
    private long work;

    Grammar(int[][] bytes, int[][] skips, int[][] calls, BitSet ends, int start, Regions regions) {
        this.bytes = bytes;
        this.skips = skips;
        this.calls = calls;
        this.ends = ends;
        this.start = start;
        this.regions = regions;
        this.need = new LeastDepths(bytes, skips, calls, ends).all();
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

        private void forgetNext() {
            Arrays.fill(next, null);
        }

        /** What all states of the grammar have cost so far. */
        long work() {
            return Grammar.this.work();
        }

        /** Whether what comes next is in a call. */
        boolean inCall() {
            return regions.inCall(places);
        }

        /** Whether any text may follow. */
        boolean isFree() {
            return regions.isFree(places);
        }

        /** Whether a special token is a part of what calls begin with. */
        boolean isOfMarker(int special) {
            return regions.isOfMarker(special);
        }

        /** How many of the last characters may be the beginning of a call. */
        int held() {
            return regions.held(places);
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

    /** How many nodes it has. */
    int size() {
        return bytes.length;
    }

    /** Before the first byte. */
    State start() {
        return startAt(start);
    }

    /** Before the first byte of what goes on from a node. */
    synchronized State startAt(int node) {
        var walk = new Walk();
        walk.add(node, null);
        return intern(walk.places());
    }

    private synchronized State step(State from, int b) {
        var walk = new Walk();
        work += from.places.all().size();
        for (Place place : from.places.all()) {
            int[] edges = bytes[place.node()];
            work += edges.length / 3;
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
        State known = states.get(places);
        if (known != null) {
            return known;
        }
        if (kept > MAX_KEPT) {
            // who still holds one of them must not hold them all
            states.values().forEach(State::forgetNext);
            states.clear();
            kept = 0;
        }
        kept += OF_A_STATE + places.all().size();
        State made = new State(places);
        states.put(places, made);
        return made;
    }

    /** Places and edges looked at so far, for those who bound their own work. */
    synchronized long work() {
        return work;
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
            work++;
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
