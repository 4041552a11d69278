package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One choice of a request in one slot of the model: from its prompt to its last token. */
final class Row {

    private final Generation generation;
    private final int choice;
    private final Sequence sequence;
    private final Scratch scratch;
    private final TokenLogprobs logprobs;
    private final Sampler sampler;
    private final Penalties penalties;
    private final Answer answer;
    private final PromptLookup lookup;
    private final boolean plain;
    private final List<TokenLogprob> promptLogprobs = new ArrayList<>();
    private final long started = System.nanoTime();
    private final long entered;
    private final long reserved;
    private int[] tokens;
    private int prefilled;
    private int planned;
    private boolean begun;
    private int generated;
    private int lastToken;
    private boolean closed;

    /** Known from when it is first asked until the next token. */
    private @Nullable Boolean needsScores;

    /**
     * A choice that has got a slot.
     *
     * @param reserved what the sequence may take at its longest, in bytes
     * @param entered {@link PromptOrder#now} when it came
     */
    Row(
            Generation generation,
            int choice,
            Sequence sequence,
            Tokenizer tokenizer,
            Scratch scratch,
            long reserved,
            long entered,
            int promptLookup) {
        this.reserved = reserved;
        this.entered = entered;
        this.tokens = generation.promptTokens();
        this.generation = generation;
        this.choice = choice;
        this.sequence = sequence;
        this.scratch = scratch;
        this.logprobs = new TokenLogprobs(tokenizer);
        CompletionRequest request = generation.request();
        this.sampler = Sampler.of(request.sampling(), choice, scratch);
        this.penalties = new Penalties(
                request.sampling(),
                generation.promptTokens(),
                tokenizer.endOfSequence(),
                request.ignoreEos() ? 0 : request.minTokens());
        this.answer = new Answer(generation, choice, tokenizer);
        this.lookup = new PromptLookup(promptLookup);
        this.plain = request.topLogprobs() == null;
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

    long entered() {
        return entered;
    }

    long reserved() {
        return reserved;
    }

    /** The first tokens of prompt and answer. */
    int[] tokens(int count) {
        return Arrays.copyOf(tokens, count);
    }

    /**
     * How much of the beginning of another prompt this one's tokens are; less than the other prompt, whose last token must be
     * computed to have scores.
     *
     * @param count of this one's tokens that count
     */
    int common(int[] prompt, int count) {
        return PrefixCache.common(tokens, count, prompt, prompt.length - 1);
    }

    /** Whether any of the prompt is computed or copied, or will be by the next call. */
    boolean hasBegun() {
        return prefilled > 0 || planned > 0;
    }

    /** Whether the next call computes a part of the prompt. */
    boolean isPlanned() {
        return planned > 0;
    }

    /** The first of the prompt were copied from another sequence. */
    void copied(int count) {
        prefilled = count;
        if (choice == 0) {
            generation.setCachedTokens(count);
        }
    }

    /** Tokens of the prompt that are not computed yet. */
    int promptLeft() {
        return generation.promptTokens().length - prefilled;
    }

    /** The next tokens of the prompt, which the next call computes. */
    int[] planChunk(int most) {
        planned = Math.min(most, promptLeft());
        return Arrays.copyOfRange(generation.promptTokens(), prefilled, prefilled + planned);
    }

    /** Whether the prompt's own tokens must be scored; one choice does it for all of its request. */
    boolean scoresPrompt() {
        return choice == 0 && generation.scoresPrompt();
    }

    /** The planned chunk of the prompt has been computed; gives the prompt back after the last one, where that is asked for. */
    void prefilled(Scores scores) {
        int count = planned;
        planned = 0;
        if (choice == 0 && !begun) {
            begun = true;
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

    /** Whether {@link #sample} must choose the next token; else {@link #sampler} may, by scores as the model gave them. */
    boolean needsScores() {
        Boolean known = needsScores;
        if (known == null) {
            known = !plain || penalties.isActive() || answer.isRestricted();
            needsScores = known;
        }
        return known;
    }

    Sampler sampler() {
        return sampler;
    }

    /**
     * What may follow {@link #lastToken}, to be scored with it.
     *
     * @param contextLength what the sequence can hold
     */
    int[] guess(int contextLength) {
        int untilEnd = generation.maxTokens() - generated - 1; // the step yields one token more than it guesses
        return lookup.guess(tokens, length(), Math.min(untilEnd, contextLength - sequence.length() - 1));
    }

    /** How a guess turned out. */
    void judged(int right, int guessed) {
        lookup.judged(right, guessed);
    }

    /** Chooses the next token by the scores in {@link Scratch#raw}; the reason if the choice ends with it. */
    @Nullable
    FinishReason sample() {
        float[] scores = scratch.raw;
        if (penalties.isActive() || answer.isRestricted()) {
            System.arraycopy(scratch.raw, 0, scratch.edited, 0, scratch.raw.length);
            scores = scratch.edited;
            penalties.apply(scores);
        }
        int token = answer.choose(sampler, scores);
        return take(token, generation.request().topLogprobs() == null ? null : scored(token, scratch.raw));
    }

    /** Takes the next token; the reason if the choice ends with it. */
    @Nullable
    FinishReason take(int token, @Nullable TokenLogprob logprob) {
        int length = length();
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length + Math.max(64, length / 2));
        }
        tokens[length] = token;
        needsScores = null;
        generated++;
        lastToken = token;
        penalties.add(token);
        FinishReason reason = answer.take(token, logprob, generated);
        return reason != null || generated < generation.maxTokens() ? reason : end();
    }

    /** How many tokens prompt and answer have so far. */
    private int length() {
        return generation.promptTokens().length + generated;
    }

    /** Cuts what a guess has left in the sequence of a choice that ended in the middle of it. */
    void settle() {
        int computed = length() - Math.min(generated, 1); // the last token was chosen, not computed
        if (sequence.length() > computed) {
            sequence.truncate(computed);
        }
    }

    /** Ends the choice where it is. */
    FinishReason end() {
        return answer.end();
    }

    /** It has left its slot; what becomes of its sequence is for others to say. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
