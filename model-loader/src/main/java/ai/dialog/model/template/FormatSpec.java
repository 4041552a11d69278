package ai.dialog.model.template;

import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * Python's format specification, {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}, as
 * {@code str.format} has it; the percent formats are brought into the same form.
 *
 * @param align one of {@code < > ^ =}, or 0
 * @param sign one of {@code + - } and blank, or 0
 * @param precision -1 where there is none
 * @param type the letter, or 0
 */
record FormatSpec(
        String fill, char align, char sign, boolean alternate, long width, String grouping, int precision, char type) {

    private static final Pattern SYNTAX = Pattern.compile(
            "(?s)(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?([0-9]{1,18})?([,_])?(?:\\.([0-9]{1,9}))?([a-zA-Z%])?");

    /** More digits than a float has; a bound on the work. */
    private static final int MOST_PRECISION = 5000;

    static FormatSpec parse(String spec) {
        var match = SYNTAX.matcher(spec);
        if (!match.matches()) {
            throw new TemplateException("invalid format specifier '" + spec + "'");
        }
        char align = first(match.group(2));
        String fill = match.group(1);
        boolean zero = match.group(5) != null;
        if (zero && align == 0) {
            align = '=';
        }
        if (fill == null) {
            fill = zero ? "0" : " ";
        }
        return new FormatSpec(
                fill,
                align,
                first(match.group(3)),
                match.group(4) != null,
                match.group(6) == null ? 0 : Long.parseLong(match.group(6)),
                match.group(7) == null ? "" : match.group(7),
                match.group(8) == null ? -1 : Integer.parseInt(match.group(8)),
                first(match.group(9)));
    }

    private static char first(@org.jspecify.annotations.Nullable String group) {
        return group == null || group.isEmpty() ? 0 : group.charAt(0);
    }

    /** {@code format(value, spec)}. */
    static String format(Budget budget, Object value, String spec) {
        if (spec.isEmpty()) {
            return Repr.str(value);
        }
        var parsed = parse(spec);
        return switch (value) {
            case String text -> parsed.text(budget, text);
            case Markup markup -> parsed.text(budget, markup.text());
            case Double number -> parsed.number(budget, number);
            default -> {
                if (!Types.isInteger(value)) {
                    throw new TemplateException(
                            "unsupported format string passed to " + Types.name(value) + ".__format__");
                }
                yield parsed.number(budget, value);
            }
        };
    }

    private String text(Budget budget, String text) {
        boolean forNumbers = sign != 0 || !grouping.isEmpty() || (align == '=' && !fill.equals("0"));
        if (forNumbers || (type != 0 && type != 's')) {
            throw new TemplateException("invalid format specifier for a str");
        }
        String cut = precision < 0 ? text : PyText.substring(text, 0, precision);
        return padded(budget, "", cut, align == '=' || align == 0 ? '<' : align);
    }

    /** A number, in the form of the type. */
    String number(Budget budget, Object number) {
        if (precision > MOST_PRECISION) {
            throw new TemplateException("a precision of more than " + MOST_PRECISION + ", which is the bound");
        }
        boolean asInteger = Types.isInteger(number) && (type == 0 || "bcdoxXn".indexOf(type) >= 0);
        if (asInteger) {
            return integer(budget, Numbers.big(number));
        }
        if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
            throw new TemplateException(
                    "unknown format code '" + type + "' for object of type '" + Types.name(number) + "'");
        }
        double value = Numbers.toDouble(number);
        String digits = FloatFormat.format(Math.abs(value), type, precision, alternate);
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        return signed(budget, negative, "", type == 'F' || type == 'E' || type == 'G' ? PyText.upper(digits) : digits);
    }

    private String integer(Budget budget, BigInteger value) {
        if (precision >= 0) {
            throw new TemplateException("precision not allowed in integer format specifier");
        }
        BigInteger size = value.abs();
        String prefix = alternate && "box".indexOf(Character.toLowerCase(type)) >= 0 && type != 0 ? "0" + type : "";
        String digits = switch (type) {
            case 'b' -> size.toString(2);
            case 'o' -> size.toString(8);
            case 'x' -> size.toString(16);
            case 'X' -> PyText.upper(size.toString(16));
            case 'c' -> character(value);
            default -> Numbers.decimal(size);
        };
        if (type == 'c') {
            return padded(budget, "", digits, align == 0 ? '<' : align);
        }
        return signed(budget, value.signum() < 0, prefix, digits);
    }

    static String character(BigInteger value) {
        if (value.bitLength() > 21 || !Character.isValidCodePoint(value.intValue())) {
            throw new TemplateException("a character code is not in range(0x110000)");
        }
        return Character.toString(value.intValue());
    }

    private String signed(Budget budget, boolean negative, String prefix, String digits) {
        String mark = (negative ? "-" : sign == '+' ? "+" : sign == ' ' ? " " : "") + prefix;
        boolean zeros = align == '=' && fill.equals("0") && !grouping.isEmpty();
        return padded(
                budget, mark, grouped(budget, digits, zeros ? width - mark.length() : 0), align == 0 ? '>' : align);
    }

    private String grouped(Budget budget, String digits, long leastWidth) {
        if (grouping.isEmpty()) {
            return digits;
        }
        int whole = 0;
        while (whole < digits.length()
                && Character.digit(digits.charAt(whole), 16) >= 0
                && digits.charAt(whole) != 'e') {
            whole++;
        }
        int every = "boxX".indexOf(type) >= 0 && type != 0 ? 4 : 3;
        var out = new StringBuilder(digits.substring(whole)).reverse();
        int fraction = out.length();
        for (int i = 0; i < whole || out.length() < leastWidth; i++) {
            if (i > 0 && i % every == 0) {
                out.append(grouping);
            }
            out.append(i < whole ? digits.charAt(whole - 1 - i) : '0');
            if (out.length() > fraction + budget.limits().text()) {
                budget.allocate(out.length());
            }
        }
        return out.reverse().toString();
    }

    private String padded(Budget budget, String mark, String body, char alignment) {
        long missing = width - Types.length(body) - mark.length();
        if (missing <= 0) {
            return mark + body;
        }
        long left = alignment == '^' ? missing / 2 : alignment == '<' ? 0 : missing;
        String before = Operators.repeat(budget, fill, left);
        String after = Operators.repeat(budget, fill, missing - left);
        return alignment == '=' ? mark + before + body : before + mark + body + after;
    }
}
