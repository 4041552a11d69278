package ai.dialog.functions.limits;

/**
 * How use is estimated and paid for.
 *
 * @param prices what the models cost
 * @param unaskedTokens the most tokens of a choice where the caller has a limit of tokens or money and did not say
 *     {@code max_tokens}. The context would be the bound otherwise: the first request of a long context would hold a whole
 *     budget.
 */
public record MeterSettings(Prices prices, int unaskedTokens) {

    /** 4,096 tokens are some eight pages. */
    public static final int DEFAULT_UNASKED_TOKENS = 4_096;

    /** No prices. */
    public static final MeterSettings DEFAULTS = new MeterSettings(Prices.NONE, DEFAULT_UNASKED_TOKENS);

    public MeterSettings {
        if (unaskedTokens < 1) {
            throw new IllegalArgumentException("There must be room for one token, not " + unaskedTokens);
        }
    }
}
