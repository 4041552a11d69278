package ai.dialog.runner.grammar;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node of a grammar and the places to return to, the innermost first. Immutable; shares its callers. */
final class Place {

    private final int node;
    private final @Nullable Place callers;
    private final int depth;
    private final int hash;

    Place(int node, @Nullable Place callers, int depth) {
        this.node = node;
        this.callers = callers;
        this.depth = depth;
        this.hash = 31 * node + (callers == null ? 0 : 7 * callers.hash);
    }

    int node() {
        return node;
    }

    @Nullable
    Place callers() {
        return callers;
    }

    /** How many calls it is in. */
    int depth() {
        return depth;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        Place a = this;
        if (!(other instanceof Place)) {
            return false;
        }
        Place b = (Place) other;
        while (a != b) {
            if (a.hash != b.hash || a.node != b.node || a.callers == null || b.callers == null) {
                return a.hash == b.hash && a.node == b.node && a.callers == b.callers;
            }
            a = a.callers;
            b = b.callers;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * Several readings at once.
     *
     * @param all places that take a byte
     * @param mayEnd whether one of the readings is complete
     */
    record Set(List<Place> all, boolean mayEnd) {
        boolean isEmpty() {
            return all.isEmpty();
        }
    }
}
