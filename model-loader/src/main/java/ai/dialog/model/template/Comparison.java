package ai.dialog.model.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;

/** Python's comparisons: equality of all kinds of values, order of those that have one, and membership. */
final class Comparison {

    private Comparison() {}

    static boolean compare(Budget budget, String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(budget, left, right);
            case "!=" -> !equal(budget, left, right);
            case "<" -> less(budget, left, right, "<");
            case ">" -> less(budget, right, left, ">");
            case "<=" -> lessOrEqual(budget, left, right, "<=");
            case ">=" -> lessOrEqual(budget, right, left, ">=");
            case "in" -> contains(budget, right, left);
            case "not in" -> !contains(budget, right, left);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    static boolean equal(Budget budget, Object left, Object right) {
        budget.step();
        if (left instanceof String a && right instanceof String b) {
            return a.equals(b);
        }
        if (Types.isString(left) && Types.isString(right)) {
            return Types.text(left).equals(Types.text(right));
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return numbers(left, right) == 0;
        }
        if (left instanceof PyList a && right instanceof PyList b) {
            return equal(budget, a.items(), b.items());
        }
        if (left instanceof PyTuple a && right instanceof PyTuple b) {
            return equal(budget, a.items(), b.items());
        }
        if (left instanceof PyDict a && right instanceof PyDict b) {
            return equal(budget, a, b);
        }
        if (left instanceof PyRange a && right instanceof PyRange b) {
            return a.items().equals(b.items());
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        return Types.same(left, right);
    }

    private static boolean equal(Budget budget, List<Object> left, List<Object> right) {
        if (left.size() != right.size()) {
            return false;
        }
        budget.enter();
        boolean equal = true;
        for (int i = 0; equal && i < left.size(); i++) {
            equal = equal(budget, left.get(i), right.get(i));
        }
        budget.exit();
        return equal;
    }

    private static boolean equal(Budget budget, PyDict left, PyDict right) {
        if (left.size() != right.size()) {
            return false;
        }
        budget.enter();
        boolean equal = true;
        for (var entry : left.entries()) {
            Object other = right.get(entry.key());
            if (other == null || !equal(budget, entry.value(), other)) {
                equal = false;
                break;
            }
        }
        budget.exit();
        return equal;
    }

    /** Compares two numbers by their exact values; NaN is neither less than nor equal to anything. */
    private static int numbers(Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (left instanceof Double || right instanceof Double) {
            double a = approximate(left);
            double b = approximate(right);
            if (Double.isNaN(a) || Double.isNaN(b)) {
                return Integer.MIN_VALUE;
            }
            if (Double.isInfinite(a) || Double.isInfinite(b) || (left instanceof Double && right instanceof Double)) {
                return a < b ? -1 : a > b ? 1 : 0;
            }
            return exact(left).compareTo(exact(right));
        }
        return Numbers.big(left).compareTo(Numbers.big(right));
    }

    private static double approximate(Object number) {
        return number instanceof Double value ? value : 0;
    }

    private static BigDecimal exact(Object number) {
        return number instanceof Double value ? new BigDecimal(value) : new BigDecimal(Numbers.big(number));
    }

    static boolean less(Budget budget, Object left, Object right, String operator) {
        int order = order(budget, left, right, operator);
        return order < 0 && order != Integer.MIN_VALUE;
    }

    private static boolean lessOrEqual(Budget budget, Object left, Object right, String operator) {
        int order = order(budget, left, right, operator);
        return order <= 0 && order != Integer.MIN_VALUE;
    }

    private static int order(Budget budget, Object left, Object right, String operator) {
        budget.step();
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return numbers(left, right);
        }
        if (Types.isString(left) && Types.isString(right)) {
            return codePoints(Types.text(left), Types.text(right));
        }
        if (left instanceof PyList a && right instanceof PyList b) {
            return order(budget, a.items(), b.items(), operator);
        }
        if (left instanceof PyTuple a && right instanceof PyTuple b) {
            return order(budget, a.items(), b.items(), operator);
        }
        boolean swapped = operator.startsWith(">");
        throw new TemplateException("'%s' not supported between instances of '%s' and '%s'"
                .formatted(operator, Types.name(swapped ? right : left), Types.name(swapped ? left : right)));
    }

    private static int order(Budget budget, List<Object> left, List<Object> right, String operator) {
        budget.enter();
        int order = Integer.compare(left.size(), right.size());
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!equal(budget, left.get(i), right.get(i))) {
                order = order(budget, left.get(i), right.get(i), operator);
                break;
            }
        }
        budget.exit();
        return order;
    }

    /** Order by code point; that of UTF-16 differs beyond the basic plane. */
    private static int codePoints(String left, String right) {
        int shorter = Math.min(left.length(), right.length());
        for (int i = 0; i < shorter; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) && Character.isSurrogate(b);
                boolean one = Character.isSurrogate(a) || Character.isSurrogate(b);
                return one && !surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b) < 0 ? -1 : 1;
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** {@code element in container}. */
    static boolean contains(Budget budget, Object container, Object element) {
        return switch (container) {
            case String text -> inText(budget, text, element);
            case Markup markup -> inText(budget, markup.text(), element);
            case PyDict dict -> dict.contains(element);
            case DictView view ->
                view.kind() == DictView.Kind.KEYS
                        ? view.dict().contains(element)
                        : anyEqual(budget, view.iterator(), element);
            default -> anyEqual(budget, Iteration.iterator(container), element);
        };
    }

    private static boolean anyEqual(Budget budget, Iterator<Object> items, Object element) {
        while (items.hasNext()) {
            Object item = items.next();
            if (Types.same(item, element) || equal(budget, item, element)) {
                return true;
            }
        }
        return false;
    }

    private static boolean inText(Budget budget, String text, Object element) {
        if (!Types.isString(element)) {
            throw new TemplateException("'in <string>' requires string as left operand, not " + Types.name(element));
        }
        budget.work(text.length());
        return text.contains(Types.text(element));
    }
}
