package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model's thread: continuous batching. Each turn lets go of who has left or run out of time, gives free slots to who
 * waits, computes at most one chunk of prompts, then one decode step for all rows that have their prompt behind them. So a
 * request joins and leaves the batch between two steps, and a long prompt delays the running streams by a chunk at a time.
 *
 * <p>Prompts are computed in the order of arrival, each to its end: sharing the chunk among all would make every first
 * token as late as the last. What a prompt's end leaves of the chunk goes to following prompts that fit in it whole.
 */
final class BatchLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchLoop.class);

    /** Scoring every token of a prompt makes a row of scores for each: at most 32 MiB of them at once. */
    private static final int MOST_SCORES = 8 << 20;

    private final LanguageModel model;
    private final AdmissionQueue queue;
    private final Counters counters;
    private final EngineHealth health;
    private final WaitEstimate estimate;
    private final Clock clock;
    private final int slots;
    private final int prefillChunk;
    private final int scoredChunk;
    private final Scratch scratch;
    private final List<Row> rows = new ArrayList<>();
    private final Set<Generation> running = new LinkedHashSet<>();

    BatchLoop(
            LanguageModel model,
            AdmissionQueue queue,
            Counters counters,
            EngineHealth health,
            WaitEstimate estimate,
            Clock clock,
            int slots,
            int prefillChunk) {
        this.model = model;
        this.queue = queue;
        this.counters = counters;
        this.health = health;
        this.estimate = estimate;
        this.clock = clock;
        this.slots = slots;
        this.prefillChunk = prefillChunk;
        int vocabularySize = model.info().vocabularySize();
        this.scoredChunk = Math.max(1, MOST_SCORES / vocabularySize);
        this.scratch = new Scratch(vocabularySize);
    }

    @Override
    public void run() {
        try {
            while (queue.awaitWork(!rows.isEmpty())) {
                release(clock.instant());
                admit();
                prefill();
                decode();
            }
        } catch (InterruptedException e) {
            LOG.warn("the scheduler was interrupted and stops");
        } catch (Throwable e) {
            health.died();
            LOG.error("the scheduler has stopped", e);
        } finally {
            queue.shut();
            sendAllAway();
            model.close();
        }
    }

    private void sendAllAway() {
        var left = new LinkedHashSet<>(running);
        left.addAll(queue.remove(generation -> true));
        var cause = health.isDead()
                ? new InferenceException(Kind.INTERNAL, "The server failed while computing this request.")
                : AdmissionQueue.closing();
        left.forEach(generation -> fail(generation, cause));
    }

    private void release(Instant now) {
        var leaving = new LinkedHashSet<>(queue.remove(generation -> leaves(generation, now)));
        running.stream().filter(generation -> leaves(generation, now)).forEach(leaving::add);
        for (Generation generation : leaving) {
            if (generation.isCancelled()) {
                cancel(generation);
            } else if (generation.hasProduced()) {
                cutOff(generation);
            } else {
                fail(
                        generation,
                        new InferenceException(Kind.TIMEOUT, "The deadline passed before the first token was made."));
            }
        }
    }

    private static boolean leaves(Generation generation, Instant now) {
        return generation.isCancelled() || generation.isExpired(now);
    }

    /** The deadline: every choice ends with what it has. */
    private void cutOff(Generation generation) {
        for (Row row : rowsOf(generation)) {
            try {
                row.end();
            } catch (RuntimeException e) {
                failRow(row, e);
                return;
            }
        }
        rowsOf(generation).forEach(this::free);
        for (int choice = 0; choice < generation.request().choices(); choice++) {
            if (!generation.isFinished(choice)) {
                generation.finish(choice, FinishReason.LENGTH);
            }
        }
        complete(generation);
    }

    private void admit() {
        for (Generation next = queue.peek(); next != null && rows.size() < slots; next = queue.peek()) {
            open(next);
        }
    }

    private void open(Generation generation) {
        Sequence sequence;
        try {
            sequence = model.open();
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.PREFILL, List.of(generation), e);
            return;
        }
        try {
            rows.add(new Row(generation, generation.admitChoice(), sequence, model.tokenizer(), scratch));
            running.add(generation);
            slotsChanged();
        } catch (RuntimeException e) {
            sequence.close();
            LOG.error("a request could not be started", e);
            fail(generation, internal());
            return;
        }
        if (generation.choicesWaiting() == 0) {
            queue.remove(waiting -> waiting == generation);
        }
    }

    private void prefill() {
        int budget = prefillChunk;
        for (Row row : List.copyOf(rows)) {
            if (row.isClosed() || row.promptLeft() == 0) {
                continue;
            }
            if (budget < prefillChunk && row.promptLeft() > budget) {
                return;
            }
            int[] chunk = row.promptChunk(row.scoresPrompt() ? Math.min(budget, scoredChunk) : budget);
            prefill(row, chunk);
            budget -= chunk.length;
            if (budget == 0 || (!row.isClosed() && row.promptLeft() > 0)) {
                return;
            }
        }
    }

    private void prefill(Row row, int[] chunk) {
        try (Scores scores = model.prefill(row.sequence(), chunk, row.scoresPrompt())) {
            row.prefilled(chunk.length, scores);
            counters.prefilledTokens.add(chunk.length);
            if (row.promptLeft() == 0 && row.endsWithPrompt()) {
                end(row, FinishReason.LENGTH);
            } else if (row.promptLeft() == 0) {
                choose(List.of(row), scores, scores.rows() - 1);
            }
            health.worked(EngineHealth.Step.PREFILL);
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.PREFILL, List.of(row.generation()), e);
        }
    }

    private void decode() {
        List<Row> batch = rows.stream().filter(row -> row.promptLeft() == 0).toList();
        if (batch.isEmpty()) {
            return;
        }
        int[] tokens = batch.stream().mapToInt(Row::lastToken).toArray();
        try (Scores scores = model.decode(batch.stream().map(Row::sequence).toList(), tokens)) {
            counters.decodeSteps.increment();
            choose(batch, scores, 0);
            health.worked(EngineHealth.Step.DECODE);
        } catch (RuntimeException e) {
            failStep(
                    EngineHealth.Step.DECODE,
                    batch.stream().map(Row::generation).distinct().toList(),
                    e);
        }
    }

    /** Chooses the next token of each row; row {@code i} of the batch is scored by row {@code first + i}. */
    private void choose(List<Row> batch, Scores scores, int first) {
        int[] best = batch.stream().allMatch(Row::needsScores) ? new int[0] : scores.argmax();
        for (int i = 0; i < batch.size(); i++) {
            Row row = batch.get(i);
            if (row.isClosed()) {
                continue;
            }
            boolean sampled = row.needsScores();
            if (sampled) {
                scores.copyRow(first + i, scratch.raw);
            }
            FinishReason reason;
            try {
                countToken(row.generation());
                reason = sampled ? row.sample() : row.take(best[first + i], null);
            } catch (RuntimeException e) {
                failRow(row, e);
                continue;
            }
            if (reason != null) {
                end(row, reason);
            }
        }
    }

    private void countToken(Generation generation) {
        counters.decodedTokens.increment();
        if (generation.countToken()) {
            counters.firstTokens.increment();
            counters.firstTokenNanos.add(System.nanoTime() - generation.arrived());
        }
    }

    private void end(Row row, FinishReason reason) {
        estimate.rowEnded(System.nanoTime() - row.started());
        free(row);
        row.generation().finish(row.choice(), reason);
        if (row.generation().isFinished()) {
            complete(row.generation());
        }
    }

    private void complete(Generation generation) {
        if (depart(generation)) {
            counters.completed.increment();
            generation.complete();
            queue.leave();
        }
    }

    private void cancel(Generation generation) {
        if (depart(generation)) {
            counters.cancelled.increment();
            queue.leave();
        }
    }

    private void fail(Generation generation, InferenceException cause) {
        if (depart(generation)) {
            counters.failed.increment();
            generation.fail(cause);
            queue.leave();
        }
    }

    /** A fault in what is done to one row: the others of the step go on. */
    private void failRow(Row row, RuntimeException cause) {
        LOG.error("a request failed", cause);
        fail(row.generation(), internal());
    }

    /** A fault of the engine: the requests of its step cannot go on. */
    private void failStep(EngineHealth.Step step, List<Generation> generations, RuntimeException cause) {
        LOG.error("the model failed in a step of {} requests", generations.size(), cause);
        health.failed(step);
        generations.forEach(generation -> fail(generation, internal()));
    }

    private static InferenceException internal() {
        return new InferenceException(Kind.INTERNAL, "The model failed while computing this request; try it again.");
    }

    /** Frees all that a request holds; false if it is over already. */
    private boolean depart(Generation generation) {
        if (!generation.markOver()) {
            return false;
        }
        rowsOf(generation).forEach(this::free);
        running.remove(generation);
        queue.remove(waiting -> waiting == generation);
        return true;
    }

    private List<Row> rowsOf(Generation generation) {
        return rows.stream().filter(row -> row.generation() == generation).toList();
    }

    private void free(Row row) {
        rows.remove(row);
        slotsChanged();
        try {
            row.close();
        } catch (RuntimeException e) {
            LOG.error("the model could not free a slot", e);
        }
    }

    private void slotsChanged() {
        counters.activeSlots = rows.size();
        estimate.oldestStarted(
                rows.isEmpty() ? System.nanoTime() : rows.getFirst().started());
    }
}
