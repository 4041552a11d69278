package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that are in a slot now and the requests they belong to. However a request ends, it ends here, once: its slots
 * are free and it is counted before its caller is told. Used by the model's thread alone.
 */
final class Batch {

    private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

    private final AdmissionQueue queue;
    private final Counters counters;
    private final WaitEstimate estimate;
    private final PrefixCache prefixes;
    private final List<Row> rows = new ArrayList<>();
    private final Set<Generation> running = new LinkedHashSet<>();

    Batch(AdmissionQueue queue, Counters counters, WaitEstimate estimate, PrefixCache prefixes) {
        this.queue = queue;
        this.counters = counters;
        this.estimate = estimate;
        this.prefixes = prefixes;
    }

    /** A copy, in the order in which they got their slots. */
    List<Row> rows() {
        return List.copyOf(rows);
    }

    int size() {
        return rows.size();
    }

    /** What the rows may take of the cache at their longest, in bytes. */
    long reserved() {
        return rows.stream().mapToLong(Row::reserved).sum();
    }

    /** Requests with at least one row here, or that had one and wait for another. */
    Set<Generation> running() {
        return new LinkedHashSet<>(running);
    }

    void add(Row row) {
        rows.add(row);
        running.add(row.generation());
        slotsChanged();
    }

    /** A choice has ended by itself. */
    void end(Row row, FinishReason reason) {
        estimate.rowEnded(System.nanoTime() - row.started());
        free(row, true);
        row.generation().finish(row.choice(), reason);
        if (row.generation().isFinished()) {
            complete(row.generation());
        }
    }

    /** The deadline: every choice ends with what it has, those that never got a slot with nothing. */
    void cutOff(Generation generation) {
        for (Row row : rowsOf(generation)) {
            try {
                row.end();
            } catch (RuntimeException e) {
                fail(row, e);
                return;
            }
        }
        rowsOf(generation).forEach(row -> free(row, true));
        for (int choice = 0; choice < generation.request().choices(); choice++) {
            if (!generation.isFinished(choice)) {
                generation.finish(choice, FinishReason.LENGTH);
            }
        }
        complete(generation);
    }

    private void complete(Generation generation) {
        if (depart(generation, true)) {
            counters.completed.increment();
            generation.complete();
            queue.leave();
        }
    }

    /** The caller has left. */
    void cancel(Generation generation) {
        if (depart(generation, true)) {
            counters.cancelled.increment();
            queue.leave();
        }
    }

    /** Ends a request with an error; without effect if it is over. */
    void fail(Generation generation, InferenceException cause) {
        if (depart(generation, false)) {
            counters.failed.increment();
            generation.fail(cause);
            queue.leave();
        }
    }

    /** A fault in what is done to one row: its request ends, the others of the step go on. */
    void fail(Row row, RuntimeException cause) {
        LOG.error("a request failed", cause);
        fail(row.generation(), internal());
    }

    /** What a caller is told of a fault of ours; the cause is in the log. */
    static InferenceException internal() {
        return new InferenceException(Kind.INTERNAL, "The model failed while computing this request; try it again.");
    }

    /** Frees all that a request holds; false if it is over already. */
    private boolean depart(Generation generation, boolean intact) {
        if (!generation.markOver()) {
            return false;
        }
        rowsOf(generation).forEach(row -> free(row, intact));
        running.remove(generation);
        queue.remove(waiting -> waiting == generation);
        return true;
    }

    private List<Row> rowsOf(Generation generation) {
        return rows.stream().filter(row -> row.generation() == generation).toList();
    }

    /** What a step that failed has left in a sequence is not known: only an intact one may be kept. */
    private void free(Row row, boolean intact) {
        rows.remove(row);
        row.close();
        slotsChanged();
        try {
            if (intact) {
                row.settle();
                prefixes.keep(row);
            } else {
                row.sequence().close();
            }
        } catch (RuntimeException e) {
            LOG.error("the model could not free a slot", e);
            giveUp(row);
        }
    }

    /** Nobody has taken its sequence over: its place in the model must not be lost. */
    private static void giveUp(Row row) {
        try {
            row.sequence().close();
        } catch (RuntimeException e) {
            LOG.error("the model could not free a slot at all", e);
        }
    }

    private void slotsChanged() {
        counters.activeSlots = rows.size();
        counters.reservedBytes = reserved();
        estimate.oldestStarted(
                rows.isEmpty() ? System.nanoTime() : rows.getFirst().started());
    }
}
