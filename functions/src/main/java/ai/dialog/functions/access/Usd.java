package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of US dollars, exact to a billionth, which is a thousandth of what a token of the cheapest models costs.
 *
 * @param nanos billionths of a dollar
 */
public record Usd(long nanos) implements Comparable<Usd> {

    public static final Usd ZERO = new Usd(0);

    /** Far beyond any budget, and far from what a {@code long} of billionths can hold. */
    public static final Usd MAX = new Usd(1_000_000_000L * 1_000_000_000L);

    private static final int DIGITS = 9;

    public Usd {
        if (nanos < 0) {
            throw new IllegalArgumentException("An amount of money must not be negative");
        }
    }

    /**
     * Dollars as people write them: 12.5.
     *
     * @throws IllegalArgumentException where it is negative, above a billion or finer than a billionth
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Usd of(BigDecimal dollars) {
        // the scale first: a number such as 1e999999999 must not be written out
        if (dollars.signum() < 0
                || dollars.precision() - (long) dollars.scale() > DIGITS + 1
                || dollars.scale() > 2 * DIGITS
                || dollars.compareTo(MAX.dollars()) > 0) {
            throw new IllegalArgumentException("An amount in dollars must be between 0 and 1000000000");
        }
        try {
            return new Usd(dollars.movePointRight(DIGITS)
                    .setScale(0, RoundingMode.UNNECESSARY)
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("An amount in dollars must have at most 9 digits after the point", e);
        }
    }

    /** The amount in dollars. */
    @JsonValue
    public BigDecimal dollars() {
        var exact = BigDecimal.valueOf(nanos, DIGITS).stripTrailingZeros();
        return exact.scale() < 0 ? exact.setScale(0, RoundingMode.UNNECESSARY) : exact;
    }

    /** The sum, {@link #MAX} at most. */
    public Usd plus(Usd other) {
        return new Usd(Math.min(MAX.nanos, Math.addExact(nanos, Math.min(other.nanos, MAX.nanos))));
    }

    /** What is left after taking the other amount away, zero at least. */
    public Usd minus(Usd other) {
        return new Usd(Math.max(0, nanos - other.nanos));
    }

    @Override
    public int compareTo(Usd other) {
        return Long.compare(nanos, other.nanos);
    }

    @Override
    public String toString() {
        return "$" + dollars().toPlainString();
    }
}
