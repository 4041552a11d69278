package ai.dialog.functions.limits;

import ai.dialog.functions.access.Usd;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * What a model's tokens cost.
 *
 * @param input a million tokens of prompts
 * @param cachedInput a million tokens of prompts that were not computed again, at most {@code input}
 * @param output a million generated tokens
 */
public record Price(Usd input, Usd cachedInput, Usd output) {

    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    public Price {
        if (cachedInput.compareTo(input) > 0) {
            throw new IllegalArgumentException("Cached input must not cost more than input");
        }
    }

    /**
     * A price as people write it, in dollars for a million tokens: {@code 0.10/0.40} for input and output, or
     * {@code 0.10/0.02/0.40} with cached input between them.
     *
     * @throws IllegalArgumentException where it is not one
     */
    public static Price parse(String text) {
        String[] parts = text.strip().split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException(
                    "A price must be IN/OUT or IN/CACHED/OUT in dollars for a million tokens, such as 0.10/0.40");
        }
        var input = usd(parts[0]);
        return new Price(input, parts.length == 3 ? usd(parts[1]) : input, usd(parts[parts.length - 1]));
    }

    private static Usd usd(String dollars) {
        // shorter than the longest amount that is one: a number's exponent must not make it long
        if (dollars.length() > 20) {
            throw new IllegalArgumentException("A price is too long");
        }
        try {
            return Usd.of(new BigDecimal(dollars.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("A price must be a number of dollars, such as 0.10", e);
        }
    }

    /** What tokens cost, rounded up to a billionth of a dollar. */
    Usd of(long inputTokens, long cachedTokens, long outputTokens) {
        long cached = Math.min(inputTokens, cachedTokens);
        var total = times(input, inputTokens - cached)
                .add(times(cachedInput, cached))
                .add(times(output, outputTokens));
        var nanos = total.add(MILLION.subtract(BigInteger.ONE)).divide(MILLION);
        return nanos.bitLength() < Long.SIZE && nanos.longValueExact() < Usd.MAX.nanos()
                ? new Usd(nanos.longValueExact())
                : Usd.MAX;
    }

    private static BigInteger times(Usd price, long tokens) {
        return BigInteger.valueOf(price.nanos()).multiply(BigInteger.valueOf(tokens));
    }
}
