package ai.dialog.runner.grammar;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decimal numbers between two bounds, without exponents. Digits are compared with those of the bounds from the left: as
 * long as all were the same as the lower bound's, the next may not be less ({@code low}), and so for the upper one
 * ({@code high}); once a digit differs, the rest is free.
 *
 * @param least the lower bound; null for none
 * @param most the upper bound; null for none
 * @param whole whether there is no fraction
 */
record NumberRange(@Nullable Bound least, @Nullable Bound most, boolean whole) {

    /**
     * One bound.
     *
     * @param inclusive whether it is itself in the range
     */
    record Bound(BigDecimal value, boolean inclusive) {

        private static final Bound ABOVE_ZERO = new Bound(BigDecimal.ZERO, false);

        private static final Bound ZERO = new Bound(BigDecimal.ZERO, true);

        Bound negated() {
            return new Bound(value.negate(), inclusive);
        }

        String digits() {
            return value.toBigInteger().toString();
        }

        /** Without zeros at the end. */
        String fraction() {
            String plain = value.stripTrailingZeros().toPlainString();
            int point = plain.indexOf('.');
            return point < 0 ? "" : plain.substring(point + 1);
        }

        /** Whether it has no more digits than can be told apart. */
        boolean fits() {
            // the exponent first: a plain text of 1e999999999 would fill the memory
            return value.signum() == 0
                    || (Math.abs((long) value.precision() - value.scale()) <= JsonText.MAX_DIGITS
                            && value.stripTrailingZeros().scale() <= JsonText.MAX_DIGITS);
        }
    }

    void draw(GrammarBuilder grammar, int from, int to) {
        if (most == null || most.value().signum() >= 0) {
            var bottom = least == null || least.value().signum() < 0 ? Bound.ZERO : least;
            new Magnitude(grammar, bottom, most, whole, to).draw(from);
        }
        if (least == null || least.value().signum() < 0) {
            int minus = grammar.node();
            grammar.ascii(from, '-', minus);
            var bottom = most == null || most.value().signum() >= 0 ? Bound.ABOVE_ZERO : most.negated();
            new Magnitude(grammar, bottom, least == null ? null : least.negated(), whole, to).draw(minus);
        }
    }

    /** The numbers of one sign. */
    private static final class Magnitude {

        private final GrammarBuilder grammar;
        private final Bound least;
        private final @Nullable Bound most;
        private final boolean whole;
        private final int to;
        private final String leastDigits;
        private final String leastFraction;
        private final String mostDigits;
        private final String mostFraction;
        private final Map<String, Integer> nodes = new HashMap<>();

        Magnitude(GrammarBuilder grammar, Bound least, @Nullable Bound most, boolean whole, int to) {
            this.grammar = grammar;
            this.least = least;
            this.most = most;
            this.whole = whole;
            this.to = to;
            this.leastDigits = least.digits();
            this.leastFraction = least.fraction();
            this.mostDigits = most == null ? "" : most.digits();
            this.mostFraction = most == null ? "" : most.fraction();
        }

        void draw(int from) {
            int longest = most == null ? JsonText.MAX_DIGITS : mostDigits.length();
            for (int length = leastDigits.length(); length <= longest; length++) {
                boolean low = length == leastDigits.length();
                boolean high = most != null && length == longest;
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
                end(node, 0, low, high);
                if (!whole) {
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
            end(node, at, low, high);
            // one digit more than a bound has: between it and the next number there is room
            if (at <= JsonText.MAX_DIGITS) {
                fractionDigit(node, at, low, high);
            }
            return node;
        }

        private static int digit(String digits, int at) {
            return at < digits.length() ? digits.charAt(at) : '0';
        }

        /** Lets the number end, if it is within its bounds as it is. */
        private void end(int node, int at, boolean low, boolean high) {
            boolean above = !low || (at >= leastFraction.length() && least.inclusive());
            boolean below = !high || most == null || most.inclusive() || at < mostFraction.length();
            if (above && below) {
                grammar.skip(node, to);
            }
        }
    }
}
