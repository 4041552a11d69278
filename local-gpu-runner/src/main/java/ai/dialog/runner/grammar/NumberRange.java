package ai.dialog.runner.grammar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decimal numbers between two bounds, which are in the range themselves, without exponents. Digits are compared with those
 * of the bounds from the left: as long as all were the same as the lower bound's, the next may not be less ({@code low}), and so
 * for the upper one ({@code high}); once a digit differs, the rest is free.
 *
 * @param least the lower bound; null for none
 * @param most the upper bound; null for none
 * @param scale how many digits there may be after the point, of which no bound has more; 0 for whole numbers
 */
record NumberRange(@Nullable BigDecimal least, @Nullable BigDecimal most, int scale) {

    /**
     * The numbers between two bounds that have at most {@link JsonText#MAX_DIGITS} digits after the point, or where there are none
     * one digit more: two bounds of so many digits, if a double is between them, leave room for such a number.
     */
    static NumberRange between(@Nullable BigDecimal least, @Nullable BigDecimal most, boolean whole) {
        var range = rounded(least, most, whole ? 0 : JsonText.MAX_DIGITS);
        return whole || !range.isEmpty() ? range : rounded(least, most, JsonText.MAX_DIGITS + 1);
    }

    private static NumberRange rounded(@Nullable BigDecimal least, @Nullable BigDecimal most, int scale) {
        return new NumberRange(
                least == null ? null : least.setScale(scale, RoundingMode.CEILING),
                most == null ? null : most.setScale(scale, RoundingMode.FLOOR),
                scale);
    }

    private boolean isEmpty() {
        return least != null && most != null && least.compareTo(most) > 0;
    }

    /** Whether a bound has no more digits than can be told apart. */
    static boolean fits(BigDecimal bound) {
        // the exponent first: a plain text of 1e999999999 would fill the memory
        return bound.signum() == 0
                || (Math.abs((long) bound.precision() - bound.scale()) <= JsonText.MAX_DIGITS
                        && bound.stripTrailingZeros().scale() <= JsonText.MAX_DIGITS);
    }

    /**
     * A number that is read as the first double beyond this one, so that whatever is as far or farther is read as a double beyond
     * it: what is written between a number and that double may be read as the number itself.
     */
    static BigDecimal beyond(BigDecimal bound, boolean upwards) {
        double nearest = bound.doubleValue();
        return new BigDecimal(Double.toString(upwards ? Math.nextUp(nearest) : Math.nextDown(nearest)));
    }

    void draw(GrammarBuilder grammar, int from, int to) {
        if (most == null || most.signum() >= 0) {
            var bottom = least == null || least.signum() < 0 ? BigDecimal.ZERO : least;
            new Magnitude(grammar, bottom, most, scale, to).draw(from);
        }
        if (least == null || least.signum() < 0) {
            int minus = grammar.node();
            grammar.ascii(from, '-', minus);
            // zero has no sign
            var bottom = most == null || most.signum() >= 0 ? BigDecimal.valueOf(1, scale) : most.negate();
            new Magnitude(grammar, bottom, least == null ? null : least.negate(), scale, to).draw(minus);
        }
    }

    /** The numbers of one sign. */
    private static final class Magnitude {

        private final GrammarBuilder grammar;
        private final boolean bounded;
        private final int scale;
        private final int to;
        private final String leastDigits;
        private final String leastFraction;
        private final String mostDigits;
        private final String mostFraction;
        private final Map<String, Integer> nodes = new HashMap<>();

        Magnitude(GrammarBuilder grammar, BigDecimal least, @Nullable BigDecimal most, int scale, int to) {
            this.grammar = grammar;
            this.bounded = most != null;
            this.scale = scale;
            this.to = to;
            this.leastDigits = digits(least);
            this.leastFraction = fraction(least);
            this.mostDigits = most == null ? "" : digits(most);
            this.mostFraction = most == null ? "" : fraction(most);
        }

        private static String digits(BigDecimal bound) {
            return bound.toBigInteger().toString();
        }

        /** Without zeros at the end. */
        private static String fraction(BigDecimal bound) {
            String plain = bound.stripTrailingZeros().toPlainString();
            int point = plain.indexOf('.');
            return point < 0 ? "" : plain.substring(point + 1);
        }

        void draw(int from) {
            int longest = bounded ? mostDigits.length() : JsonText.MAX_DIGITS;
            for (int length = leastDigits.length(); length <= longest; length++) {
                boolean low = length == leastDigits.length();
                boolean high = bounded && length == longest;
                digit(from, length, 0, low, high);
            }
        }

        private void digit(int from, int length, int at, boolean low, boolean high) {
            int first = low ? leastDigits.charAt(at) : at == 0 && length > 1 ? '1' : '0';
            int last = high ? mostDigits.charAt(at) : '9';
            for (int digit = first; digit <= last; digit++) {
                boolean stillLow = low && digit == first;
                boolean stillHigh = high && digit == last;
                grammar.bytes(from, digit, digit, whole(length, at + 1, stillLow, stillHigh));
            }
        }

        /** The node after some digits; where all is free only the number of those that are left counts. */
        private int whole(int length, int at, boolean low, boolean high) {
            String key = (low || high ? length + ":" + at + low + high : "free") + (length - at);
            Integer known = nodes.get(key);
            if (known != null) {
                return known;
            }
            int node = grammar.node();
            nodes.put(key, node);
            if (at < length) {
                digit(node, length, at, low, high);
            } else {
                end(node, 0, low);
                if (scale > 0) {
                    int point = grammar.node();
                    grammar.ascii(node, '.', point);
                    fractionDigit(point, 0, low, high);
                }
            }
            return node;
        }

        private void fractionDigit(int from, int at, boolean low, boolean high) {
            int first = low ? digit(leastFraction, at) : '0';
            int last = high ? digit(mostFraction, at) : '9';
            for (int digit = first; digit <= last; digit++) {
                grammar.bytes(from, digit, digit, fraction(at + 1, low && digit == first, high && digit == last));
            }
        }

        private int fraction(int at, boolean low, boolean high) {
            String key = "." + at + low + high;
            Integer known = nodes.get(key);
            if (known != null) {
                return known;
            }
            int node = grammar.node();
            nodes.put(key, node);
            end(node, at, low);
            if (at < scale) {
                fractionDigit(node, at, low, high);
            }
            return node;
        }

        private static int digit(String digits, int at) {
            return at < digits.length() ? digits.charAt(at) : '0';
        }

        /** Lets the number end, if it is within its bounds as it is: it is not above the upper one. */
        private void end(int node, int at, boolean low) {
            if (!low || at >= leastFraction.length()) {
                grammar.skip(node, to);
            }
        }
    }
}
