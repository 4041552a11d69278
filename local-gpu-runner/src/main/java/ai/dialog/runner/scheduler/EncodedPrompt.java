package ai.dialog.runner.scheduler;

import ai.dialog.runner.grammar.TokenConstraint;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A prompt that is ready for the model. Its array is shared, not copied: nobody changes it. */
final class EncodedPrompt {

    private final int[] tokens;
    private final String text;
    private final int maxTokens;
    private final @Nullable Supplier<TokenConstraint> form;

    /**
     * A prompt.
     *
     * @param tokens at least one
     * @param text what {@code echo} gives back
     * @param maxTokens the most tokens to generate; with the prompt at most the context
     * @param form holds a choice's text to a form; null where it has none
     */
    EncodedPrompt(int[] tokens, String text, int maxTokens, @Nullable Supplier<TokenConstraint> form) {
        this.tokens = tokens;
        this.text = text;
        this.maxTokens = maxTokens;
        this.form = form;
    }

    /** What holds one choice's text to its form; null where it has none. */
    @Nullable
    TokenConstraint constraint() {
        return form == null ? null : form.get();
    }

    int[] tokens() {
        return tokens;
    }

    String text() {
        return text;
    }

    int maxTokens() {
        return maxTokens;
    }
}
