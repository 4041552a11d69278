package ai.dialog.runner.scheduler;

/** A prompt that is ready for the model. Its array is shared, not copied: nobody changes it. */
final class EncodedPrompt {

    private final int[] tokens;
    private final String text;
    private final int maxTokens;

    /**
     * A prompt.
     *
     * @param tokens at least one
     * @param text what {@code echo} gives back
     * @param maxTokens the most tokens to generate; with the prompt at most the context
     */
    EncodedPrompt(int[] tokens, String text, int maxTokens) {
        this.tokens = tokens;
        this.text = text;
        this.maxTokens = maxTokens;
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
