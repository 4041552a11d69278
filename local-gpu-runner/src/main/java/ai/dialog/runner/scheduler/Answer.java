package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.runner.grammar.CallPiece;
import ai.dialog.runner.grammar.TokenConstraint;
import org.jspecify.annotations.Nullable;

/**
 * What one choice says: its tokens as text and as calls, on the way to the caller. Text that may turn out to be the beginning of calls
 * is held back, and so is white space before it.
 */
final class Answer {

    private final Generation generation;
    private final int choice;
    private final Tokenizer tokenizer;
    private final ChoiceText text;
    private final @Nullable TokenConstraint form;
    private int tokens;
    private int told;

    Answer(Generation generation, int choice, Tokenizer tokenizer) {
        CompletionRequest request = generation.request();
        this.generation = generation;
        this.choice = choice;
        this.tokenizer = tokenizer;
        this.form = generation.constraint();
        this.text = new ChoiceText(
                decoder(generation, tokenizer), request.stop(), request.tools().callable());
    }

    /**
     * A text is continued where it ends, so that a SentencePiece tokenizer's space before the first word is kept; an answer
     * in a conversation is a text of its own.
     */
    private static Tokenizer.StreamDecoder decoder(Generation generation, Tokenizer tokenizer) {
        var decoder = tokenizer.streamDecoder();
        if (!(generation.request().prompt() instanceof Prompt.Conversation)) {
            int[] prompt = generation.promptTokens();
            decoder.add(prompt[prompt.length - 1]);
        }
        return decoder;
    }

    /** Whether not every token may come next. */
    boolean isRestricted() {
        return form != null && form.restricts();
    }

    /** Chooses the next token: one that may come next, whatever the scores are; these may be changed. */
    int choose(Sampler sampler, float[] scores) {
        if (form == null || !form.restricts()) {
            return sampler.sample(scores);
        }
        form.apply(scores);
        int token = sampler.sample(scores);
        // a draw whose sums were rounded can fall beyond the last token that has a weight
        return form.allows(token) ? token : Sampler.GREEDY.sample(scores);
    }

    /**
     * Takes the next token.
     *
     * @param logprob its own, where it is asked for
     * @param generated how many tokens the answer has with it
     * @return the reason if the answer ends with it
     */
    @Nullable
    FinishReason take(int token, @Nullable TokenLogprob logprob, int generated) {
        CompletionRequest request = generation.request();
        tokens = generated;
        boolean mayEnd = !request.ignoreEos() || (form != null && !form.isFree());
        boolean called = inCalls();
        if (form != null) {
            form.add(token);
        }
        if (mayEnd && tokenizer.endOfSequence().contains(token)) {
            return complete();
        }
        boolean stops = generated >= request.minTokens();
        boolean stopped = false;
        if (form == null || !form.inCalls()) {
            stopped = say(text.add(token, logprob, stops, form == null ? 0 : form.held()));
        } else if (!called) {
            stopped = say(text.cut(token, logprob, stops, form.noText()));
        }
        if (stopped) {
            return FinishReason.STOP;
        }
        if (form != null) {
            form.pieces().forEach(this::tell);
        }
        return form != null && form.isComplete() ? complete() : null;
    }

    private boolean inCalls() {
        return form != null && form.inCalls();
    }

    private FinishReason complete() {
        if (inCalls()) {
            return FinishReason.TOOL_CALLS;
        }
        say(text.finish());
        return FinishReason.STOP;
    }

    /** Ends the answer where it is: hands on what was held back. */
    FinishReason end() {
        return !inCalls() && say(text.finish()) ? FinishReason.STOP : FinishReason.LENGTH;
    }

    private boolean say(ChoiceText.Piece piece) {
        if (generation.emit(choice, piece.text(), piece.logprobs(), tokens - told)) {
            told = tokens;
        }
        return piece.stopped();
    }

    private void tell(CallPiece piece) {
        generation.emit(new CompletionChunk.ToolCallDelta(
                choice,
                piece.index(),
                piece.name() == null ? null : CallId.random(),
                piece.name(),
                piece.arguments(),
                tokens - told));
        told = tokens;
    }
}
