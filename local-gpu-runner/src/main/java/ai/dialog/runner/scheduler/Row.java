package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.runner.grammar.TokenConstraint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One choice of a request in one slot of the model: from its prompt to its last token. */
final class Row implements AutoCloseable {

    private final Generation generation;
    private final int choice;
    private final Sequence sequence;
    private final Scratch scratch;
    private final Tokenizer tokenizer;
    private final TokenLogprobs logprobs;
    private final Sampler sampler;
    private final Penalties penalties;
    private final ChoiceText text;
    private final boolean plainGreedy;
    private final @Nullable TokenConstraint constraint;
    private final List<TokenLogprob> promptLogprobs = new ArrayList<>();
    private final long started = System.nanoTime();
    private int prefilled;
    private int generated;
    private int told;
    private int lastToken;
    private boolean closed;

    Row(Generation generation, int choice, Sequence sequence, Tokenizer tokenizer, Scratch scratch) {
        this.generation = generation;
        this.choice = choice;
        this.sequence = sequence;
        this.scratch = scratch;
        this.tokenizer = tokenizer;
        this.logprobs = new TokenLogprobs(tokenizer);
        CompletionRequest request = generation.request();
        this.sampler = Sampler.of(request.sampling(), choice, scratch);
        this.penalties = new Penalties(
                request.sampling(),
                generation.promptTokens(),
                tokenizer.endOfSequence(),
                request.ignoreEos() ? 0 : request.minTokens());
        this.text = new ChoiceText(decoder(generation, tokenizer), request.stop());
        this.constraint = generation.constraint();
        this.plainGreedy = Sampler.isGreedy(request.sampling()) && request.topLogprobs() == null;
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

    Generation generation() {
        return generation;
    }

    int choice() {
        return choice;
    }

    Sequence sequence() {
        return sequence;
    }

    /** {@link System#nanoTime} when it got its slot. */
    long started() {
        return started;
    }

    /** The token that the next decode step appends. */
    int lastToken() {
        return lastToken;
    }

    /** Tokens of the prompt that are not computed yet. */
    int promptLeft() {
        return generation.promptTokens().length - prefilled;
    }

    /** The next tokens of the prompt. */
    int[] promptChunk(int most) {
        return Arrays.copyOfRange(generation.promptTokens(), prefilled, prefilled + Math.min(most, promptLeft()));
    }

    /** Whether the prompt's own tokens must be scored; one choice does it for all of its request. */
    boolean scoresPrompt() {
        return choice == 0 && generation.scoresPrompt();
    }

    /** A chunk of the prompt has been computed; gives the prompt back after the last one, where that is asked for. */
    void prefilled(int count, Scores scores) {
        if (choice == 0 && prefilled == 0) {
            generation.begin();
        }
        if (scoresPrompt()) {
            scorePrompt(count, scores);
        }
        prefilled += count;
        if (promptLeft() == 0) {
            if (scoresPrompt()) {
                generation.setPromptLogprobs(promptLogprobs);
            }
            generation.echo(choice);
        }
    }

    /** Row {@code i} of the chunk's scores is about the token after it; the prompt's last row is about the completion. */
    private void scorePrompt(int count, Scores scores) {
        int[] prompt = generation.promptTokens();
        if (prefilled == 0) {
            promptLogprobs.add(logprobs.unscored(prompt[0]));
        }
        for (int i = 0; i < count && prefilled + i + 1 < prompt.length; i++) {
            scores.copyRow(i, scratch.raw);
            promptLogprobs.add(scored(prompt[prefilled + i + 1], scratch.raw));
        }
    }

    private TokenLogprob scored(int token, float[] scores) {
        Integer top = generation.request().topLogprobs();
        return logprobs.scored(token, new LogSoftmax(scores), top == null ? 0 : top);
    }

    /** Whether nothing is to be generated: the prompt was all. */
    boolean endsWithPrompt() {
        return generation.maxTokens() == 0;
    }

    /** Whether {@link #sample} must choose the next token; else the model's own best one will do. */
    boolean needsScores() {
        return !plainGreedy || constraint != null || penalties.isActive();
    }

    /** Chooses the next token by the scores in {@link Scratch#raw}; the reason if the choice ends with it. */
    @Nullable
    FinishReason sample() {
        float[] scores = scratch.raw;
        if (penalties.isActive() || constraint != null) {
            System.arraycopy(scratch.raw, 0, scratch.edited, 0, scratch.raw.length);
            scores = scratch.edited;
            penalties.apply(scores);
        }
        int token = constraint == null ? sampler.sample(scores) : constrained(constraint, scores);
        return take(token, generation.request().topLogprobs() == null ? null : scored(token, scratch.raw));
    }

    private int constrained(TokenConstraint form, float[] scores) {
        form.apply(scores);
        int token = sampler.sample(scores);
        // a draw whose sums were rounded can fall beyond the last token that has a weight
        return form.allows(token) ? token : Sampler.GREEDY.sample(scores);
    }

    /** Takes the next token; the reason if the choice ends with it. */
    @Nullable
    FinishReason take(int token, @Nullable TokenLogprob logprob) {
        CompletionRequest request = generation.request();
        generated++;
        lastToken = token;
        penalties.add(token);
        if (constraint != null) {
            constraint.add(token);
        }
        if ((constraint != null || !request.ignoreEos())
                && tokenizer.endOfSequence().contains(token)) {
            emit(text.finish());
            return FinishReason.STOP;
        }
        var piece = text.add(token, logprob, generated >= request.minTokens());
        emit(piece);
        if (piece.stopped()) {
            return FinishReason.STOP;
        }
        if (constraint != null && constraint.isComplete()) {
            emit(text.finish());
            return FinishReason.STOP;
        }
        return generated < generation.maxTokens() ? null : end();
    }

    /** Ends the choice where it is: hands on what was held back. */
    FinishReason end() {
        var rest = text.finish();
        emit(rest);
        return rest.stopped() ? FinishReason.STOP : FinishReason.LENGTH;
    }

    private void emit(ChoiceText.Piece piece) {
        if (generation.emit(choice, piece.text(), piece.logprobs(), generated - told)) {
            told = generated;
        }
    }

    /** Gives the slot back; harmless the second time. */
    @Override
    public void close() {
        closed = true;
        sequence.close();
    }

    boolean isClosed() {
        return closed;
    }
}
