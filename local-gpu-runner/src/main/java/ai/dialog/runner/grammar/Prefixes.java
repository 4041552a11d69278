package ai.dialog.runner.grammar;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What several texts begin with, drawn only once: where each byte leads from the nodes of a tree. */
final class Prefixes {

    private final Map<Long, Integer> after = new HashMap<>();

    /** Where a byte leads; null where no text goes on with it. */
    @Nullable
    Integer after(int node, int b) {
        return after.get(key(node, b));
    }

    /**
     * Where a byte leads.
     *
     * @param made gives the node if no text has gone on with it yet
     */
    int after(int node, int b, IntSupplier made) {
        Integer known = after(node, b);
        if (known != null) {
            return known;
        }
        int next = made.getAsInt();
        after.put(key(node, b), next);
        return next;
    }

    private static long key(int node, int b) {
        return (long) node << Byte.SIZE | b;
    }
}
