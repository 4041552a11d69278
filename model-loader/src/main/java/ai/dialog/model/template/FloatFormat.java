package ai.dialog.model.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The digits of a float in Python's formats {@code e}, {@code f}, {@code g} and {@code %}, rounded on its exact value. */
final class FloatFormat {

    private static final int DEFAULT_PRECISION = 6;

    private FloatFormat() {}

    /**
     * Formats a number that is not negative.
     *
     * @param type the letter in either case; 0 for the form without one
     * @param precision -1 where there is none
     * @param alternate keeps the point and the zeros after it
     */
    static String format(double value, char type, int precision, boolean alternate) {
        if (!Double.isFinite(value)) {
            return (Double.isNaN(value) ? "nan" : "inf") + (type == '%' ? "%" : "");
        }
        int digits = precision < 0 ? DEFAULT_PRECISION : precision;
        return switch (Character.toLowerCase(type)) {
            case 'f' -> fixed(new BigDecimal(value), digits, alternate);
            case '%' -> fixed(new BigDecimal(value * 100), digits, alternate) + "%";
            case 'e' -> scientific(value, digits, alternate);
            case 0 -> precision < 0 ? Numbers.repr(value) : general(value, Math.max(1, digits), alternate, true);
            default -> general(value, Math.max(1, digits), alternate, false);
        };
    }

    private static String fixed(BigDecimal value, int digits, boolean alternate) {
        String text = value.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        return digits == 0 && alternate ? text + "." : text;
    }

    private static String scientific(double value, int digits, boolean alternate) {
        var rounded = rounded(value, digits + 1);
        String all = padRight(rounded.unscaledValue().toString(), digits + 1);
        String point = digits > 0 || alternate ? "." : "";
        return all.charAt(0) + point + all.substring(1, digits + 1) + Numbers.exponentText(exponent(rounded));
    }

    private static String general(double value, int digits, boolean alternate, boolean pointZero) {
        var rounded = rounded(value, digits);
        int exponent = exponent(rounded);
        boolean fixed = exponent >= -4 && exponent < digits - (pointZero ? 1 : 0);
        String text =
                fixed ? fixed(rounded, digits - 1 - exponent, alternate) : scientific(value, digits - 1, alternate);
        if (alternate) {
            return text;
        }
        int e = text.indexOf('e');
        String mantissa = e < 0 ? text : text.substring(0, e);
        if (mantissa.indexOf('.') >= 0) {
            mantissa = mantissa.replaceAll("0+$", "").replaceAll("\\.$", "");
        }
        if (pointZero && e < 0 && mantissa.indexOf('.') < 0) {
            mantissa += ".0";
        }
        return e < 0 ? mantissa : mantissa + text.substring(e);
    }

    private static BigDecimal rounded(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    }

    private static int exponent(BigDecimal value) {
        return value.signum() == 0 ? 0 : value.precision() - value.scale() - 1;
    }

    private static String padRight(String text, int length) {
        return text.length() >= length ? text : text + "0".repeat(length - text.length());
    }
}
