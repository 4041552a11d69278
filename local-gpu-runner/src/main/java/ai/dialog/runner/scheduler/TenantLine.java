package ai.dialog.runner.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests in line: tenants take turns, and each tenant's requests come in their order. Whoever has many in line waits for
 * them alone. Not thread-safe.
 */
final class TenantLine {

    /** The tenant whose turn it is first; nobody is here without a request. */
    private final Map<String, ArrayDeque<Generation>> tenants = new LinkedHashMap<>();

    private int size;

    int size() {
        return size;
    }

    void add(Generation generation) {
        tenants.computeIfAbsent(tenant(generation), tenant -> new ArrayDeque<>())
                .add(generation);
        size++;
    }

    /** The request whose turn it is. */
    @Nullable
    Generation peek() {
        return tenants.isEmpty() ? null : tenants.values().iterator().next().peek();
    }

    /** A choice of the request whose turn it was has a slot: it is the next tenant's turn. */
    void served(Generation generation) {
        ArrayDeque<Generation> own = tenants.remove(tenant(generation));
        if (own == null) {
            return;
        }
        if (generation.choicesWaiting() == 0 && own.remove(generation)) {
            size--;
        }
        if (!own.isEmpty()) {
            tenants.put(tenant(generation), own);
        }
    }

    /** Takes all requests of a kind out of the line. */
    List<Generation> remove(Predicate<Generation> which) {
        var removed = new ArrayList<Generation>();
        for (ArrayDeque<Generation> own : tenants.values()) {
            own.removeIf(generation -> which.test(generation) && removed.add(generation));
        }
        tenants.values().removeIf(ArrayDeque::isEmpty);
        size -= removed.size();
        return removed;
    }

    private static String tenant(Generation generation) {
        return generation.request().tenant();
    }
}
