package ai.dialog.model.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Python's integers, which never overflow (up to a bound), and floats. */
final class Numbers {

    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private Numbers() {}

    /** An integer as the evaluator keeps it: a Long where it fits. */
    static Object normalize(BigInteger value) {
        if (value.bitLength() > Limits.DEFAULT.integerBits()) {
            throw new TemplateException(
                    "an integer of more than %d bits, which is the bound".formatted(Limits.DEFAULT.integerBits()));
        }
        return value.compareTo(LEAST) >= 0 && value.compareTo(MOST) <= 0 ? (Object) value.longValue() : value;
    }

    static boolean isNumber(Object value) {
        return value instanceof Long
                || value instanceof Double
                || value instanceof Boolean
                || value instanceof BigInteger;
    }

    static BigInteger big(Object value) {
        return switch (value) {
            case BigInteger big -> big;
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            default -> BigInteger.valueOf((Long) value);
        };
    }

    static double toDouble(Object value) {
        return switch (value) {
            case Double number -> number;
            case Long number -> (double) number;
            case Boolean truth -> truth ? 1 : 0;
            default -> {
                double result = big(value).doubleValue();
                if (Double.isInfinite(result)) {
                    throw new TemplateException("int too large to convert to float");
                }
                yield result;
            }
        };
    }

    /** Arithmetic on two numbers. */
    static Object arithmetic(String operator, Object left, Object right) {
        if (left instanceof Double || right instanceof Double) {
            return floats(operator, toDouble(left), toDouble(right));
        }
        if (operator.equals("/")) {
            return divide(left, right);
        }
        if (operator.equals("**")) {
            return power(left, right);
        }
        if (left instanceof Long a && right instanceof Long b) {
            Object small = longs(operator, a, b);
            if (small != null) {
                return small;
            }
        }
        return bigs(operator, big(left), big(right));
    }

    private static @Nullable Object longs(String operator, long a, long b) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(a, b);
                case "-" -> Math.subtractExact(a, b);
                case "*" -> Math.multiplyExact(a, b);
                case "//" -> Math.floorDivExact(a, b);
                default -> Math.floorMod(a, b);
            };
        } catch (ArithmeticException overflow) {
            return null;
        }
    }

    private static Object bigs(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> normalize(a.add(b));
            case "-" -> normalize(a.subtract(b));
            case "*" -> normalize(a.multiply(b));
            default -> {
                if (b.signum() == 0) {
                    throw new TemplateException("integer division or modulo by zero");
                }
                var parts = a.divideAndRemainder(b);
                boolean floors = parts[1].signum() != 0 && parts[1].signum() != b.signum();
                if (operator.equals("//")) {
                    yield normalize(floors ? parts[0].subtract(BigInteger.ONE) : parts[0]);
                }
                yield normalize(floors ? parts[1].add(b) : parts[1]);
            }
        };
    }

    private static Object divide(Object left, Object right) {
        BigInteger divisor = big(right);
        if (divisor.signum() == 0) {
            throw new TemplateException("division by zero");
        }
        BigInteger dividend = big(left);
        if (dividend.bitLength() <= 53 && divisor.bitLength() <= 53) {
            return dividend.doubleValue() / divisor.doubleValue();
        }
        // Forty digits round once more to a double, which only an exact tie could tell from rounding once.
        return new BigDecimal(dividend)
                .divide(new BigDecimal(divisor), new MathContext(40))
                .doubleValue();
    }

    private static Object power(Object left, Object right) {
        BigInteger exponent = big(right);
        if (exponent.signum() < 0) {
            return floats("**", toDouble(left), toDouble(right));
        }
        BigInteger base = big(left);
        if (base.abs().compareTo(BigInteger.ONE) <= 0) {
            boolean even = !exponent.testBit(0);
            return (base.signum() < 0 && even) || exponent.signum() == 0 ? (Object) 1L : normalize(base);
        }
        int bound = Limits.DEFAULT.integerBits();
        if (exponent.bitLength() > 31 || (long) (base.bitLength() - 1) * exponent.intValue() > bound) {
            throw new TemplateException("a power of more than %d bits, which is the bound".formatted(bound));
        }
        return normalize(base.pow(exponent.intValue()));
    }

    private static Object floats(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "**" -> floatPower(a, b);
            default -> {
                if (b == 0) {
                    throw new TemplateException("float division by zero");
                }
                yield switch (operator) {
                    case "/" -> a / b;
                    case "//" -> floorDivide(a, b);
                    default -> modulo(a, b);
                };
            }
        };
    }

    private static Object floatPower(double a, double b) {
        if (a == 0 && b < 0) {
            throw new TemplateException("0.0 cannot be raised to a negative power");
        }
        double result = Math.pow(a, b);
        if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw new TemplateException("the result of a power is too large for a float");
        }
        if (Double.isNaN(result) && a < 0) {
            throw new TemplateException("a fractional power of a negative number is not supported");
        }
        return a == 1 || b == 0 ? (Object) 1.0 : (Object) result;
    }

    private static double modulo(double a, double b) {
        double remainder = a % b;
        if (remainder == 0) {
            return Math.copySign(0.0, b);
        }
        return remainder < 0 != b < 0 ? remainder + b : remainder;
    }

    /** As CPython's {@code float_floor_div} computes it. */
    private static double floorDivide(double a, double b) {
        double quotient = (a - modulo(a, b)) / b;
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    static Object negate(Object value) {
        return switch (value) {
            case Double number -> -number;
            case Long number -> number == Long.MIN_VALUE ? normalize(big(number).negate()) : (Object) (-number);
            default -> normalize(big(value).negate());
        };
    }

    /** An integer in decimal, of as many digits as Python prints. */
    static String decimal(BigInteger number) {
        String digits = number.toString();
        if (digits.length() > NumberLiteral.MOST_DIGITS + (number.signum() < 0 ? 1 : 0)) {
            throw new TemplateException("exceeds the limit of %d digits for integer string conversion"
                    .formatted(NumberLiteral.MOST_DIGITS));
        }
        return digits;
    }

    /** Python's shortest text that reads back as the same float. */
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        var shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (shortest.precision() == 2) {
            // Java never gives fewer than two digits, even where one is enough to tell the float.
            var shorter = shortest.round(new MathContext(1));
            shortest = shorter.doubleValue() == value ? shorter : shortest;
        }
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            return shortest.scale() <= 0
                    ? shortest.setScale(1, RoundingMode.UNNECESSARY).toPlainString()
                    : shortest.toPlainString();
        }
        String digits = shortest.unscaledValue().abs().toString();
        String sign = value < 0 ? "-" : "";
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return sign + digits.charAt(0) + fraction + exponentText(exponent);
    }

    /** {@code e+05}: at least two digits. */
    static String exponentText(int exponent) {
        String digits = Integer.toString(Math.abs(exponent));
        return "e" + (exponent < 0 ? "-" : "+") + (digits.length() < 2 ? "0" + digits : digits);
    }

    /** {@code round(value, digits)}: to even, on the exact value. */
    static Object round(Object value, int digits) {
        if (!(value instanceof Double number)) {
            if (digits >= 0) {
                return value instanceof Boolean ? normalize(big(value)) : value;
            }
            var rounded = new BigDecimal(big(value)).setScale(Math.max(digits, -10_000), RoundingMode.HALF_EVEN);
            return normalize(rounded.toBigInteger());
        }
        if (!Double.isFinite(number) || digits > 400) {
            return number;
        }
        double rounded = new BigDecimal(number)
                .setScale(Math.max(digits, -400), RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0.0, number) : rounded;
    }

    /** {@code int(float)}. */
    static Object truncate(double value) {
        if (!Double.isFinite(value)) {
            throw new TemplateException("cannot convert float " + repr(value) + " to integer");
        }
        return Math.abs(value) < 1L << 53 ? (Object) (long) value : normalize(new BigDecimal(value).toBigInteger());
    }

    /** {@code int(text, base)}, or null where it is not one. */
    static @Nullable Object parseInt(String text, int radix) {
        String digits = text.strip();
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int base = radix;
        String prefix = digits.length() > 1 ? digits.substring(0, 2) : "";
        int prefixBase = prefix.equalsIgnoreCase("0x")
                ? 16
                : prefix.equalsIgnoreCase("0o") ? 8 : prefix.equalsIgnoreCase("0b") ? 2 : 0;
        if (prefixBase > 0 && (base == 0 || base == prefixBase)) {
            base = prefixBase;
            digits = digits.substring(digits.length() > 2 && digits.charAt(2) == '_' ? 3 : 2);
        } else if (base == 0) {
            base = 10;
        }
        if (base < 2
                || base > 36
                || digits.length() > NumberLiteral.MOST_DIGITS
                || !digits.matches("[0-9A-Za-z]++(_[0-9A-Za-z]++)*+")) {
            return null;
        }
        try {
            var value = new BigInteger(digits.replace("_", ""), base);
            return normalize(negative ? value.negate() : value);
        } catch (NumberFormatException notOne) {
            return null;
        }
    }

    /** {@code float(text)}, or null where it is not one. */
    static @Nullable Double parseFloat(String text) {
        String trimmed = text.strip();
        String plain =
                PyText.lower(trimmed.startsWith("+") || trimmed.startsWith("-") ? trimmed.substring(1) : trimmed);
        double sign = trimmed.startsWith("-") ? -1 : 1;
        if (plain.equals("inf") || plain.equals("infinity")) {
            return sign * Double.POSITIVE_INFINITY;
        }
        if (plain.equals("nan")) {
            return Double.NaN;
        }
        String digits = "[0-9]++(_[0-9]++)*+";
        if (!plain.matches("(%1$s\\.?(%1$s)?|\\.%1$s)(e[+-]?%1$s)?".formatted(digits))) {
            return null;
        }
        return sign * Double.parseDouble(plain.replace("_", ""));
    }
}
