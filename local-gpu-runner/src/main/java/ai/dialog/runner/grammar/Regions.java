package ai.dialog.runner.grammar;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which nodes of a grammar are in calls, and which are in any text before them; most grammars have neither. */
final class Regions {

    private final BitSet calls = new BitSet();
    private final BitSet free = new BitSet();
    private final BitSet marker = new BitSet();
    private final Map<Integer, Integer> held = new HashMap<>();

    /** The nodes from one on, up to before another, are in calls. */
    void calls(int from, int to) {
        calls.set(from, to);
    }

    /** A node before calls at which any text may follow. */
    void free(int node) {
        free.set(node);
    }

    boolean isFree(int node) {
        return free.get(node);
    }

    /** A special token that is a part of what calls begin with. */
    void ofMarker(int special) {
        marker.set(special);
    }

    boolean isOfMarker(int special) {
        return marker.get(special);
    }

    /** A node at which the last so many characters may be the beginning of a call. */
    void held(int node, int characters) {
        held.put(node, characters);
    }

    /** Whether what comes next is in a call, however the text so far is read. */
    boolean inCall(Place.Set places) {
        return !places.isEmpty() && places.all().stream().allMatch(place -> calls.get(bottom(place)));
    }

    /** Whether any text may follow. */
    boolean isFree(Place.Set places) {
        return !places.isEmpty()
                && places.all().stream().allMatch(place -> place.callers() == null && free.get(place.node()));
    }

    /** How many of the last characters may be the beginning of a call. */
    int held(Place.Set places) {
        int most = 0;
        for (Place place : places.all()) {
            Integer characters = place.callers() == null ? held.get(place.node()) : null;
            most = Math.max(most, characters == null ? 0 : characters);
        }
        return most;
    }

    private static int bottom(Place place) {
        Place at = place;
        for (@Nullable Place caller = at.callers(); caller != null; caller = at.callers()) {
            at = caller;
        }
        return at.node();
    }
}
