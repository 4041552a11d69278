package ai.dialog.model.template;

import java.util.Locale;
import java.util.Map;

/** Filters of numbers. */
final class NumberFilters {

    private static final Signature ABS = Signature.of("abs", 0);
    private static final Signature INT = Signature.of("int", 0, "default", "base");
    private static final Signature FLOAT = Signature.of("float", 0, "default");
    private static final Signature ROUND = Signature.of("round", 0, "precision", "method");
    private static final Signature FILE_SIZE = Signature.of("filesizeformat", 0, "binary");

    private NumberFilters() {}

    static Map<String, Filter> all() {
        return Map.of(
                "abs", NumberFilters::abs,
                "int", NumberFilters::toInt,
                "float", NumberFilters::toFloat,
                "round", NumberFilters::round,
                "filesizeformat", NumberFilters::fileSize);
    }

    private static Object abs(Budget budget, Object value, Arguments arguments) {
        ABS.bind(arguments);
        if (!Numbers.isNumber(value)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new TemplateException("bad operand type for abs(): '" + Types.name(value) + "'");
        }
        return value instanceof Double number
                ? Math.abs(number)
                : Numbers.normalize(Numbers.big(value).abs());
    }

    private static Object toInt(Budget budget, Object value, Arguments arguments) {
        var bound = INT.bind(arguments);
        Object absent = bound.get(0, 0L);
        return switch (value) {
            case Undefined undefined -> throw undefined.failure();
            case Double number -> Double.isNaN(number) ? absent : Numbers.truncate(number);
            default -> {
                if (Types.isInteger(value)) {
                    yield Numbers.normalize(Numbers.big(value));
                }
                if (!Types.isString(value)) {
                    yield absent;
                }
                int base = Math.clamp(bound.integer(1, 10), -1, 37);
                Object parsed = Numbers.parseInt(Types.text(value), base);
                if (parsed != null) {
                    yield parsed;
                }
                Double number = Numbers.parseFloat(Types.text(value));
                yield number == null || !Double.isFinite(number) ? absent : Numbers.truncate(number);
            }
        };
    }

    private static Object toFloat(Budget budget, Object value, Arguments arguments) {
        Object absent = FLOAT.bind(arguments).get(0, 0.0);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Numbers.isNumber(value)) {
            return Numbers.toDouble(value);
        }
        Double parsed = Types.isString(value) ? Numbers.parseFloat(Types.text(value)) : null;
        return parsed == null ? absent : parsed;
    }

    private static Object round(Budget budget, Object value, Arguments arguments) {
        var bound = ROUND.bind(arguments);
        String method = bound.text(1, "common");
        int precision = Math.clamp(bound.integer(0, 0), -10_000, 10_000);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!Numbers.isNumber(value)) {
            throw new TemplateException("type " + Types.name(value) + " cannot be rounded");
        }
        return switch (method) {
            case "common" -> Numbers.round(value, precision);
            case "ceil", "floor" -> {
                Object factor = Numbers.arithmetic("**", 10L, (long) precision);
                Object scaled = Numbers.arithmetic("*", value, factor);
                Object whole = scaled instanceof Double number
                        ? Numbers.truncate(method.equals("ceil") ? Math.ceil(number) : Math.floor(number))
                        : scaled;
                yield Numbers.arithmetic("/", whole, factor);
            }
            default -> throw new TemplateException("method must be common, ceil or floor");
        };
    }

    private static Object fileSize(Budget budget, Object value, Arguments arguments) {
        boolean binary = FILE_SIZE.bind(arguments).truth(0);
        Double parsed = Types.isString(value) ? Numbers.parseFloat(Types.text(value)) : null;
        if (parsed == null && !Numbers.isNumber(value)) {
            throw new TemplateException("filesizeformat needs a number, not " + Types.name(value));
        }
        double bytes = parsed == null ? Numbers.toDouble(value) : parsed;
        int base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return Repr.str(Numbers.truncate(bytes)) + " Bytes";
        }
        String letters = "kMGTPEZY";
        int power = 1;
        while (power < letters.length() && bytes >= Math.pow(base, power + 1)) {
            power++;
        }
        String letter = letters.substring(power - 1, power);
        String digits = FloatFormat.format(base * bytes / Math.pow(base, power + 1), 'f', 1, false);
        return digits + " " + (binary ? letter.toUpperCase(Locale.ROOT) + "iB" : letter + "B");
    }
}
