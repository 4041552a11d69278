package ai.dialog.model.template;

import java.math.BigInteger;

/**
 * A number in the source.
 *
 * @param value Long, BigInteger or Double
 * @param end where it ends in the source
 */
record NumberLiteral(Object value, int end) {

    /** As many digits as Python turns into an integer ({@code sys.int_info.default_max_str_digits}). */
    static final int MOST_DIGITS = 4300;

    static NumberLiteral at(String source, int start, boolean mayBeFloat, int line) {
        if (mayBeFloat) {
            int end = floatEnd(source, start);
            if (end > 0) {
                return new NumberLiteral(
                        Double.valueOf(source.substring(start, end).replace("_", "")), end);
            }
        }
        int radix = radix(source, start);
        int digits = radix == 10 ? start : start + 2;
        int end = radix == 10 ? decimalEnd(source, start) : digitsEnd(source, digits, radix, true);
        if (radix != 10 && end == digits) {
            return new NumberLiteral(0L, start + 1);
        }
        String text = source.substring(digits, end).replace("_", "");
        if (text.length() > MOST_DIGITS) {
            throw new TemplateException("an integer of more than " + MOST_DIGITS + " digits", line);
        }
        return new NumberLiteral(Numbers.normalize(new BigInteger(text, radix)), end);
    }

    private static int decimalEnd(String source, int start) {
        if (source.charAt(start) != '0') {
            return digitsEnd(source, start, 10, false);
        }
        int end = start + 1;
        while (true) {
            int next = end < source.length() && source.charAt(end) == '_' ? end + 1 : end;
            if (next >= source.length() || source.charAt(next) != '0') {
                return end;
            }
            end = next + 1;
        }
    }

    private static int radix(String source, int start) {
        if (source.charAt(start) != '0' || start + 1 >= source.length()) {
            return 10;
        }
        return switch (source.charAt(start + 1)) {
            case 'b', 'B' -> 2;
            case 'o', 'O' -> 8;
            case 'x', 'X' -> 16;
            default -> 10;
        };
    }

    /** The end of {@code digits[.digits][e[+-]digits]} with a fraction or an exponent, or -1. */
    private static int floatEnd(String source, int start) {
        int whole = digitsEnd(source, start, 10, false);
        int end = whole;
        if (end < source.length() && source.charAt(end) == '.') {
            int fraction = digitsEnd(source, end + 1, 10, false);
            end = fraction > end + 1 ? fraction : end;
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            int exponent = end + 1;
            if (exponent < source.length() && (source.charAt(exponent) == '+' || source.charAt(exponent) == '-')) {
                exponent++;
            }
            int exponentEnd = digitsEnd(source, exponent, 10, false);
            end = exponentEnd > exponent ? exponentEnd : end;
        }
        return end > whole ? end : -1;
    }

    /** The end of a run of digits with single underscores between them; {@code start} where there is none. */
    private static int digitsEnd(String source, int start, int radix, boolean leadingUnderscore) {
        int end = start;
        while (true) {
            boolean underscore =
                    (end > start || leadingUnderscore) && end < source.length() && source.charAt(end) == '_';
            int next = underscore ? end + 1 : end;
            if (next >= source.length()
                    || source.charAt(next) > 'f'
                    || Character.digit(source.charAt(next), radix) < 0) {
                return end;
            }
            end = next + 1;
        }
    }
}
