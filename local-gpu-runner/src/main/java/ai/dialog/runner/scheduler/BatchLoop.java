package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.runner.scheduler.PrefixCache.Match;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model's thread: continuous batching. Each turn lets go of who has left or run out of time, gives free slots to who
 * waits, computes at most one chunk of prompts, then one decode step for all rows that have their prompt behind them. So a
 * request joins and leaves the batch between two steps, and a long prompt delays the running streams by a chunk at a time,
 * whose size {@link Pace} says.
 *
 * <p>Prompts are computed in the order that {@link PromptOrder} says, and not a part of each: sharing the chunk among all would
 * make every first token as late as the last. What a prompt's end leaves of the chunk goes to others that fit in it whole, and all of
 * the chunk is one call.
 *
 * <p>A choice gets a slot when the memory for its whole prompt and all tokens that it may generate is free, or can be by
 * letting go of kept prefixes; nobody behind it goes before it meanwhile. So whoever has begun is never short of memory.
 */
final class BatchLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchLoop.class);

    /** Scoring every token of a prompt makes a row of scores for each: at most 32 MiB of them at once. */
    private static final int MOST_SCORES = 8 << 20;

    /** While it is never idle, what the model has put off at load is done a part at a time, in one of so many turns. */
    static final int TURNS_TO_SETTLE = 16;

    private final LanguageModel model;
    private final AdmissionQueue queue;
    private final Counters counters;
    private final EngineHealth health;
    private final Clock clock;
    private final int slots;
    private final int scoredChunk;
    private final int promptLookup;
    private final Scratch scratch;
    private final PrefixCache prefixes;
    private final PromptOrder order;
    private final Pace pace;
    private final LongSupplier nanoTime;
    private final Batch batch;
    private boolean unsettled = true;
    private int turns;

    BatchLoop(
            LanguageModel model,
            AdmissionQueue queue,
            Counters counters,
            EngineHealth health,
            WaitEstimate estimate,
            Clock clock,
            LongSupplier nanoTime,
            int slots,
            SchedulerSettings settings) {
        this.model = model;
        this.queue = queue;
        this.counters = counters;
        this.health = health;
        this.clock = clock;
        this.slots = slots;
        this.promptLookup = settings.promptLookup();
        this.nanoTime = nanoTime;
        this.pace = new Pace(settings.prefillChunk());
        boolean shares = settings.prefixBytes() > 0;
        this.prefixes = new PrefixCache(model, shares ? model.slots() - slots : 0, settings.prefixBytes(), counters);
        this.order = new PromptOrder(prefixes, shares, counters);
        int vocabularySize = model.info().vocabularySize();
        this.scoredChunk = Math.max(1, MOST_SCORES / vocabularySize);
        this.scratch = new Scratch(vocabularySize);
        this.batch = new Batch(queue, counters, estimate, prefixes);
    }

    @Override
    public void run() {
        try {
            while (queue.awaitWork(unsettled || batch.size() > 0)) {
                release(clock.instant());
                admit();
                prefill();
                decode();
                settle();
                counters.heldBytes = model.cacheBytes();
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
            // only now: while the process ends, a cache that shrinks would wait for a call into the engine that never
            // comes
            prefixes.clear();
        }
    }

    private void settle() {
        if (unsettled && (batch.size() == 0 || ++turns % TURNS_TO_SETTLE == 0)) {
            try {
                unsettled = model.settle();
            } catch (RuntimeException e) {
                LOG.error("the model stays slower than it could be", e);
                unsettled = false;
            }
        }
    }

    private void sendAllAway() {
        var left = batch.running();
        left.addAll(queue.remove(generation -> true));
        var cause = health.isDead()
                ? new InferenceException(Kind.INTERNAL, "The server failed while computing this request.")
                : AdmissionQueue.closing();
        left.forEach(generation -> batch.fail(generation, cause));
    }

    private void release(Instant now) {
        var leaving = new LinkedHashSet<>(queue.remove(generation -> leaves(generation, now)));
        batch.running().stream().filter(generation -> leaves(generation, now)).forEach(leaving::add);
        for (Generation generation : leaving) {
            if (generation.isCancelled()) {
                batch.cancel(generation);
            } else if (generation.hasProduced()) {
                batch.cutOff(generation);
            } else {
                batch.fail(
                        generation,
                        new InferenceException(Kind.TIMEOUT, "The deadline passed before the first token was made."));
            }
        }
    }

    private static boolean leaves(Generation generation, Instant now) {
        return generation.isCancelled() || generation.isExpired(now);
    }

    private void admit() {
        for (Generation next = queue.peek(); next != null && batch.size() < slots; next = queue.peek()) {
            long bytes = model.sequenceBytes(next.promptTokens().length + next.maxTokens());
            if (!prefixes.makeRoom(next, batch.reserved(), bytes)) {
                return;
            }
            open(next, bytes);
        }
    }

    private void open(Generation generation, long bytes) {
        Sequence sequence;
        try {
            sequence = model.open(generation.promptTokens().length + generation.maxTokens());
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.PREFILL, List.of(generation), e);
            return;
        }
        try {
            batch.add(new Row(
                    generation,
                    generation.admitChoice(),
                    sequence,
                    model.tokenizer(),
                    scratch,
                    bytes,
                    order.now(),
                    promptLookup));
        } catch (RuntimeException e) {
            sequence.close();
            LOG.error("a request could not be started", e);
            batch.fail(generation, Batch.internal());
            return;
        }
        queue.served(generation);
    }

    /** Computes the parts of prompts that are due, all in one call. */
    private void prefill() {
        List<Row> rows = batch.rows();
        int waiting = (int) rows.stream().filter(row -> row.promptLeft() > 0).count();
        int budget = waiting == 0 ? 0 : pace.chunk(rows.size() - waiting, waiting);
        int most = Integer.MAX_VALUE;
        List<Row> planned = new ArrayList<>();
        List<int[]> chunks = new ArrayList<>();
        while (budget > 0) {
            PromptOrder.Next next = order.next(rows, most);
            if (next == null || (next.row().scoresPrompt() && !planned.isEmpty()) || !begin(next)) {
                break;
            }
            Row row = next.row();
            int[] chunk = row.planChunk(row.scoresPrompt() ? Math.min(budget, scoredChunk) : budget);
            planned.add(row);
            chunks.add(chunk);
            if (row.scoresPrompt() || chunk.length < row.promptLeft()) {
                break;
            }
            budget -= chunk.length;
            most = budget;
        }
        // a choice that could not begin has taken those of its request with it
        for (int i = planned.size() - 1; i >= 0; i--) {
            if (planned.get(i).isClosed()) {
                planned.remove(i);
                chunks.remove(i);
            }
        }
        if (!planned.isEmpty()) {
            prefill(planned, chunks);
        }
    }

    /** Gives a row that begins what others have of its prompt; false if that failed. */
    private boolean begin(PromptOrder.Next next) {
        Row row = next.row();
        if (row.hasBegun()) {
            return true;
        }
        Match copied = next.copied();
        order.begins(row, copied);
        if (copied == null) {
            return true;
        }
        try {
            model.copy(copied.sequence(), copied.length(), row.sequence(), row.promptLeft());
            row.copied(copied.length());
            return true;
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.PREFILL, List.of(row.generation()), e);
            return false;
        }
    }

    private void prefill(List<Row> planned, List<int[]> chunks) {
        int tokens = chunks.stream().mapToInt(chunk -> chunk.length).sum();
        long start = nanoTime.getAsLong();
        try (Scores scores = compute(planned, chunks)) {
            pace.prefilled(tokens, nanoTime.getAsLong() - start);
            order.computed(tokens);
            for (Row row : planned) {
                row.prefilled(scores);
                if (row.promptLeft() == 0 && row.endsWithPrompt()) {
                    batch.end(row, FinishReason.LENGTH);
                }
            }
            // only the last of them can have some of its prompt left
            int done = planned.size() - (planned.getLast().promptLeft() > 0 ? 1 : 0);
            choose(planned.subList(0, done), scores, scores.rows() - planned.size());
            health.worked(EngineHealth.Step.PREFILL);
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.PREFILL, generations(planned), e);
        }
    }

    /** A row of scores for each, or, of one that scores its prompt, for each token. */
    private Scores compute(List<Row> planned, List<int[]> chunks) {
        Row first = planned.getFirst();
        if (first.scoresPrompt()) {
            return model.prefill(first.sequence(), chunks.getFirst(), true);
        }
        return model.prefill(planned.stream().map(Row::sequence).toList(), chunks);
    }

    private static List<Generation> generations(List<Row> rows) {
        return rows.stream().map(Row::generation).distinct().toList();
    }

    private void decode() {
        List<Row> decoding =
                batch.rows().stream().filter(row -> row.promptLeft() == 0).toList();
        if (decoding.isEmpty()) {
            return;
        }
        // Several rows share a step's cost already; what one row guesses would hold up the others.
        if (decoding.size() == 1 && batch.size() == 1) {
            int[] guess = decoding.getFirst().guess(model.contextLength());
            if (guess.length > 0) {
                verify(decoding.getFirst(), guess);
                return;
            }
        }
        int[] tokens = decoding.stream().mapToInt(Row::lastToken).toArray();
        long start = nanoTime.getAsLong();
        try (Scores scores = model.decode(decoding.stream().map(Row::sequence).toList(), tokens)) {
            counters.decodeSteps.increment();
            choose(decoding, scores, 0);
            pace.decoded(nanoTime.getAsLong() - start);
            health.worked(EngineHealth.Step.DECODE);
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.DECODE, generations(decoding), e);
        }
    }

    /**
     * Scores the last token and a guess of those that follow in one call, and chooses tokens until one is not as guessed. Each is chosen by
     * the scores of the text before it, so the answers are those of one step for each.
     */
    private void verify(Row row, int[] guess) {
        int held = row.sequence().length();
        int[] tokens = new int[guess.length + 1];
        tokens[0] = row.lastToken();
        System.arraycopy(guess, 0, tokens, 1, guess.length);
        try (Scores scores = model.prefill(row.sequence(), tokens, true);
                var step = new StepChoice(scores, scratch, Collections.nCopies(tokens.length, row), 0)) {
            counters.decodeSteps.increment();
            int right = 0;
            choose(row, step, 0);
            while (right < guess.length && !row.isClosed() && row.lastToken() == guess[right]) {
                right++;
                choose(row, step, right);
            }
            counters.guessedTokens.add(guess.length);
            counters.rightGuesses.add(right);
            row.judged(right, guess.length);
            if (!row.isClosed()) {
                row.sequence().truncate(held + 1 + right);
            }
            health.worked(EngineHealth.Step.DECODE);
        } catch (RuntimeException e) {
            failStep(EngineHealth.Step.DECODE, List.of(row.generation()), e);
        }
    }

    /** Chooses the next token of each row; row {@code i} of these is scored by row {@code first + i}. */
    private void choose(List<Row> decoding, Scores scores, int first) {
        try (var step = new StepChoice(scores, scratch, decoding, first)) {
            for (int i = 0; i < decoding.size(); i++) {
                if (!decoding.get(i).isClosed()) {
                    choose(decoding.get(i), step, i);
                }
            }
        }
    }

    private void choose(Row row, StepChoice step, int i) {
        step.ask(i);
        FinishReason reason;
        try {
            countToken(row.generation());
            reason = step.choose(i);
        } catch (RuntimeException e) {
            batch.fail(row, e);
            return;
        }
        if (reason != null) {
            batch.end(row, reason);
        }
    }

    private void countToken(Generation generation) {
        counters.decodedTokens.increment();
        if (generation.countToken()) {
            counters.firstTokens.increment();
            counters.firstTokenNanos.add(System.nanoTime() - generation.arrived());
        }
    }

    /** A fault of the engine: the requests of its step cannot go on. */
    private void failStep(EngineHealth.Step step, List<Generation> generations, RuntimeException cause) {
        LOG.error("the model failed in a step of {} requests", generations.size(), cause);
        health.failed(step);
        generations.forEach(generation -> batch.fail(generation, Batch.internal()));
    }
}
