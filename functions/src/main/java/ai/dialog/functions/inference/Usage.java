package ai.dialog.functions.inference;

/**
 * What a request cost.
 *
 * @param promptTokens tokens of the prompt, counted once however many choices
 * @param completionTokens tokens generated, all choices together
 * @param cachedTokens of the prompt's tokens, how many were not computed again
 */
public record Usage(int promptTokens, int completionTokens, int cachedTokens) {}
