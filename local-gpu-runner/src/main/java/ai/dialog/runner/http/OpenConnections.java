package ai.dialog.runner.http;

import ai.dialog.functions.http.CallerAddress;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many connections are open, in all and from each address that is no trusted proxy. */
final class OpenConnections {

    /** So many refused ones at once may take their time to read why; the others are closed at once. Each has a file open. */
    private static final int MOST_LINGERING = 256;

    private final ServerSettings.Bounds bounds;
    private final CallerAddress callers;
    private final AtomicInteger all = new AtomicInteger();
    private final AtomicInteger lingering = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    OpenConnections(ServerSettings settings) {
        this.bounds = settings.bounds();
        this.callers = new CallerAddress(settings.callers().trustedProxies());
    }

    /**
     * Counts a connection, which must be removed when it closes; false where it is one too many, which is not counted: those
     * that are refused must not take the places of others.
     */
    boolean add(@Nullable InetAddress peer) {
        int open = all.incrementAndGet();
        int ofPeer = peer != null && !callers.isProxy(peer) ? byAddress.merge(peer, 1, Integer::sum) : 0;
        boolean fits = open <= bounds.connections() && ofPeer <= bounds.connectionsPerAddress();
        if (!fits) {
            remove(peer);
        }
        return fits;
    }

    void remove(@Nullable InetAddress peer) {
        all.decrementAndGet();
        if (peer != null && !callers.isProxy(peer)) {
            byAddress.computeIfPresent(peer, (address, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Whether a refused connection may stay for a moment; then {@link #leaves} must follow when it closes. */
    boolean mayLinger() {
        if (lingering.incrementAndGet() <= MOST_LINGERING) {
            return true;
        }
        leaves();
        return false;
    }

    void leaves() {
        lingering.decrementAndGet();
    }
}
