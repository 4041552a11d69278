package ai.dialog.functions.limits;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How the caller's accounts stood when its request was reserved or refused. A front puts one into the Reactor context, under
 * its class, and reads it when the answer begins.
 */
public final class Standings {

    private final List<Standing> seen = new CopyOnWriteArrayList<>();

    void add(Standing standing) {
        seen.add(standing);
    }

    /** One for each reservation; none where the caller has no limits. */
    public List<Standing> all() {
        return List.copyOf(seen);
    }
}
