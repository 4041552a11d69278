package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's binary operators over all kinds of values. */
final class Operators {

    private Operators() {}

    static Object binary(Budget budget, String operator, Object left, Object right) {
        if (left instanceof String text && operator.equals("%")) {
            return PercentFormat.format(budget, text, right);
        }
        if (left instanceof Markup markup && operator.equals("%")) {
            return formatted(budget, markup, right);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.arithmetic(operator, left, right);
        }
        Object result = switch (operator) {
            case "+" -> add(budget, left, right);
            case "*" -> multiply(budget, left, right);
            default -> null;
        };
        if (result == null) {
            throw new TemplateException("unsupported operand type(s) for %s: '%s' and '%s'"
                    .formatted(operator, Types.name(left), Types.name(right)));
        }
        return result;
    }

    /** Formats text that is marked as safe, so that what is put in is escaped. */
    static Markup formatted(Budget budget, Markup format, Object values) {
        Object escaped = values;
        if (values instanceof PyTuple tuple) {
            escaped = new PyTuple(tuple.items().stream().map(Operators::escaped).toList());
        } else if (values instanceof PyDict dict) {
            var copy = new PyDict(dict.size());
            dict.entries().forEach(entry -> copy.put(entry.key(), escaped(entry.value())));
            escaped = copy;
        } else {
            escaped = escaped(values);
        }
        return new Markup(PercentFormat.format(budget, format.text(), escaped));
    }

    private static Object escaped(Object value) {
        return Numbers.isNumber(value) ? value : Markup.escape(value).text();
    }

    private static @Nullable Object add(Budget budget, Object left, Object right) {
        if (left instanceof String a && right instanceof String b) {
            budget.allocate((long) a.length() + b.length());
            return a.concat(b);
        }
        if (Types.isString(left) && Types.isString(right)) {
            String a = Markup.escape(left).text();
            String b = Markup.escape(right).text();
            budget.allocate((long) a.length() + b.length());
            return new Markup(a.concat(b));
        }
        if (left instanceof PyList a && right instanceof PyList b) {
            return new PyList(joined(budget, a.items(), b.items()));
        }
        if (left instanceof PyTuple a && right instanceof PyTuple b) {
            return new PyTuple(joined(budget, a.items(), b.items()));
        }
        return null;
    }

    private static List<Object> joined(Budget budget, List<Object> a, List<Object> b) {
        budget.allocate((long) a.size() + b.size());
        var all = new ArrayList<>(a.size() + b.size());
        all.addAll(a);
        all.addAll(b);
        return all;
    }

    private static @Nullable Object multiply(Budget budget, Object left, Object right) {
        if (Types.isInteger(left)) {
            return Types.isInteger(right) ? null : multiply(budget, right, left);
        }
        if (!Types.isInteger(right)) {
            return null;
        }
        long times = Math.max(0, Types.index(right));
        return switch (left) {
            case String text -> repeat(budget, text, times);
            case Markup markup -> new Markup(repeat(budget, markup.text(), times));
            case PyList list -> new PyList(repeat(budget, list.items(), times));
            case PyTuple tuple -> new PyTuple(repeat(budget, tuple.items(), times));
            default -> null;
        };
    }

    static String repeat(Budget budget, String text, long times) {
        if (text.isEmpty() || times <= 0) {
            return "";
        }
        budget.allocate(size(text.length(), times));
        return text.repeat((int) times);
    }

    private static List<Object> repeat(Budget budget, List<Object> items, long times) {
        if (items.isEmpty() || times == 0) {
            return List.of();
        }
        budget.allocate(size(items.size(), times));
        var all = new ArrayList<>((int) (items.size() * times));
        for (var copy : Collections.nCopies((int) times, items)) {
            all.addAll(copy);
        }
        return all;
    }

    private static long size(long length, long times) {
        return times > Long.MAX_VALUE / length ? Long.MAX_VALUE / 4 : length * times;
    }

    /** Unary plus and minus. */
    static Object sign(boolean negative, Object operand) {
        if (operand instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!Numbers.isNumber(operand)) {
            throw new TemplateException(
                    "bad operand type for unary %s: '%s'".formatted(negative ? "-" : "+", Types.name(operand)));
        }
        if (negative) {
            return Numbers.negate(operand);
        }
        return operand instanceof Boolean ? Numbers.normalize(Numbers.big(operand)) : operand;
    }
}
