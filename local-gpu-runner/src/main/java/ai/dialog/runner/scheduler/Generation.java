package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import ai.dialog.runner.grammar.TokenConstraint;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.FluxSink;

/**
 * One request on its way: what it asks for, where its chunks go, and how far its choices are. After it was handed to the
 * queue only the model's thread touches it.
 */
final class Generation {

    /** Tokens without text that are not handed on yet: what a caller who leaves has cost is known by what was handed on. */
    private static final int MOST_UNTOLD = 32;

    private final CompletionRequest request;
    private final EncodedPrompt prompt;
    private final @Nullable Instant deadline;
    private final long arrived;
    private final FluxSink<CompletionChunk> sink;
    private final BitSet finished = new BitSet();
    private List<TokenLogprob> promptLogprobs = List.of();
    private final AtomicInteger admitted = new AtomicInteger();
    private int completionTokens;
    private int cachedTokens;
    private boolean over;

    /**
     * A request that waits.
     *
     * @param arrived {@link System#nanoTime} when the request came
     */
    Generation(
            CompletionRequest request,
            EncodedPrompt prompt,
            @Nullable Instant deadline,
            long arrived,
            FluxSink<CompletionChunk> sink) {
        this.request = request;
        this.prompt = prompt;
        this.deadline = deadline;
        this.arrived = arrived;
        this.sink = sink;
    }

    CompletionRequest request() {
        return request;
    }

    int[] promptTokens() {
        return prompt.tokens();
    }

    /** What holds one choice's text to its form; null where it has none. */
    @Nullable
    TokenConstraint constraint() {
        return prompt.constraint();
    }

    int maxTokens() {
        return prompt.maxTokens();
    }

    long arrived() {
        return arrived;
    }

    /** Whether the caller has left. */
    boolean isCancelled() {
        return sink.isCancelled();
    }

    boolean isExpired(Instant now) {
        return deadline != null && !now.isBefore(deadline);
    }

    /** The index of the next choice to get a slot. */
    int admitChoice() {
        return admitted.getAndIncrement();
    }

    /** How many of its choices have no slot yet; any thread may ask. */
    int choicesWaiting() {
        return request.choices() - admitted.get();
    }

    /** Whether log probabilities of the prompt's own tokens are asked for. */
    boolean scoresPrompt() {
        return request.echo() && request.topLogprobs() != null;
    }

    void setPromptLogprobs(List<TokenLogprob> logprobs) {
        promptLogprobs = logprobs;
    }

    /** Counts a generated token, of whichever choice; true for the request's first. */
    boolean countToken() {
        return completionTokens++ == 0;
    }

    boolean hasProduced() {
        return completionTokens > 0;
    }

    /** The first of its prompt has been computed. */
    void begin() {
        sink.next(new CompletionChunk.Begun(prompt.tokens().length));
    }

    /** So many of its prompt's tokens were not computed again. */
    void setCachedTokens(int tokens) {
        cachedTokens = tokens;
    }

    /** Gives the prompt back, if asked for. */
    void echo(int choice) {
        if (request.echo()) {
            emit(choice, prompt.text(), promptLogprobs, 0);
        }
    }

    /**
     * Hands on text of a choice, if there is any, or that many tokens gave none.
     *
     * @param tokens how many were generated since the last time
     * @return whether there was anything to hand on
     */
    boolean emit(int choice, String text, List<TokenLogprob> logprobs, int tokens) {
        boolean any = !text.isEmpty() || !logprobs.isEmpty() || tokens > MOST_UNTOLD;
        if (any) {
            sink.next(new CompletionChunk.Delta(choice, text, logprobs, tokens));
        }
        return any;
    }

    /** Hands on a piece of a call. */
    void emit(CompletionChunk.ToolCallDelta piece) {
        sink.next(piece);
    }

    /** A choice has ended. */
    void finish(int choice, FinishReason reason) {
        finished.set(choice);
        sink.next(new CompletionChunk.Finish(choice, reason));
    }

    /** Whether all choices have ended. */
    boolean isFinished() {
        return finished.cardinality() == request.choices();
    }

    boolean isFinished(int choice) {
        return finished.get(choice);
    }

    /** Ends the stream. */
    void complete() {
        sink.next(new CompletionChunk.Total(new Usage(prompt.tokens().length, completionTokens, cachedTokens)));
        sink.complete();
    }

    /** Ends the stream with an error; without effect if the caller has left. */
    void fail(InferenceException cause) {
        if (!sink.isCancelled()) {
            sink.error(cause);
        }
    }

    /** Marks it as over, however it ended; true the first time. */
    boolean markOver() {
        boolean first = !over;
        over = true;
        return first;
    }
}
