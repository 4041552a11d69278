package ai.dialog.runner.http;

import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What became of the calls of a fleet. */
final class RotationCalls {

    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acceptedPastGrace = new AtomicInteger();
    private final AtomicInteger refusedPastGrace = new AtomicInteger();
    private final Set<String> signingKeys = ConcurrentHashMap.newKeySet();
    private final Phaser open = new Phaser(1);

    /** A call that must be answered. */
    HttpResponse<String> made(Supplier<HttpResponse<String>> call) {
        open.register();
        long start = System.nanoTime();
        try {
            var answer = call.get();
            nanos.add(System.nanoTime() - start);
            if (answer.statusCode() != 200) {
                refused.add(answer.statusCode() + " " + answer.body());
            }
            return answer;
        } catch (RuntimeException e) {
            refused.add(e.toString());
            throw e;
        } finally {
            open.arriveAndDeregister();
        }
    }

    /** A call that must be refused. */
    void probed(Supplier<HttpResponse<String>> call) {
        open.register();
        try {
            (call.get().statusCode() == 401 ? refusedPastGrace : acceptedPastGrace).incrementAndGet();
        } finally {
            open.arriveAndDeregister();
        }
    }

    void signedBy(String kid) {
        signingKeys.add(kid);
    }

    /** Waits until every call has its answer. */
    void await() {
        open.arriveAndAwaitAdvance();
    }

    Collection<String> refused() {
        return refused;
    }

    int acceptedPastGrace() {
        return acceptedPastGrace.get();
    }

    int refusedPastGrace() {
        return refusedPastGrace.get();
    }

    Set<String> signingKeysSeen() {
        return signingKeys;
    }

    String figures(int seconds) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%d calls in %d s, refused %d; past their grace: %d refused, %d accepted; p50 %.1f ms, p99 %.1f ms; %d signing keys",
                sorted.size(),
                seconds,
                refused.size(),
                refusedPastGrace.get(),
                acceptedPastGrace.get(),
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get(sorted.size() * 99 / 100) / 1e6,
                signingKeys.size());
    }
}
