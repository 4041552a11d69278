package ai.dialog.functions;

import java.time.Duration;

/**
 * Bounds of the functions.
 *
 * @param requestTimeout after this long a generation ends with what it has
 * @param maxChoices the most choices of one request: {@code n} times the prompts of a text completion
 */
public record FunctionSettings(Duration requestTimeout, int maxChoices) {

    /** Ten minutes, what OpenAI's clients wait by default; 128 choices, OpenAI's own bound of {@code n}. */
    public static final FunctionSettings DEFAULTS = new FunctionSettings(Duration.ofMinutes(10), 128);

    public FunctionSettings {
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("The request timeout must be positive, not " + requestTimeout);
        }
        if (maxChoices < 1) {
            throw new IllegalArgumentException("There must be room for one choice, not " + maxChoices);
        }
    }
}
