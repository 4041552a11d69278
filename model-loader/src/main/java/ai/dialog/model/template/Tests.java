package ai.dialog.model.template;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tests by name, as Jinja2 has them. */
final class Tests {

    private static final Signature NONE = Signature.of("test", 0);
    private static final Signature OTHER = Signature.of("test", 1, "other");
    private static final Map<String, Test> ALL = new HashMap<>();

    static {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", Undefined.class::isInstance);
        plain("none", value -> value == None.NONE);
        plain("boolean", Boolean.class::isInstance);
        plain("true", Boolean.TRUE::equals);
        plain("false", Boolean.FALSE::equals);
        plain("integer", value -> Types.isInteger(value) && !(value instanceof Boolean));
        plain("float", Double.class::isInstance);
        plain("number", Numbers::isNumber);
        plain("string", Types::isString);
        plain("mapping", PyDict.class::isInstance);
        plain("sequence", Tests::isSequence);
        plain("iterable", value -> Iteration.iteratorOrNull(value) != null);
        plain("callable", Tests::isCallable);
        plain("escaped", Markup.class::isInstance);
        plain("lower", value -> StringMethods.isLower(Repr.str(value)));
        plain("upper", value -> StringMethods.isUpper(Repr.str(value)));
        plain("filter", value -> value instanceof String name && Filters.find(name) != null);
        plain("test", value -> value instanceof String name && find(name) != null);
        ALL.put("odd", (budget, value, arguments) -> remainder(budget, value, 2L, arguments, NONE, 1L));
        ALL.put("even", (budget, value, arguments) -> remainder(budget, value, 2L, arguments, NONE, 0L));
        ALL.put("divisibleby", (budget, value, arguments) -> {
            var bound = Signature.of("divisibleby", 1, "num").bind(arguments);
            return remainder(budget, value, bound.get(0), Arguments.NONE, NONE, 0L);
        });
        ALL.put(
                "sameas",
                (budget, value, arguments) ->
                        isSame(value, OTHER.bind(arguments).get(0)));
        ALL.put("in", (budget, value, arguments) -> {
            Object container = Signature.of("in", 1, "seq").bind(arguments).get(0);
            return Comparison.contains(budget, container, value);
        });
        comparison("==", "eq", "equalto");
        comparison("!=", "ne");
        comparison("<", "lt", "lessthan");
        comparison("<=", "le");
        comparison(">", "gt", "greaterthan");
        comparison(">=", "ge");
    }

    private Tests() {}

    /** The test of a name, or null where there is none. */
    static @Nullable Test find(String name) {
        return ALL.get(name);
    }

    /** The test that a filter such as {@code select} is told to apply. */
    static Test named(Object name) {
        var test = name instanceof String text ? ALL.get(text) : null;
        if (test == null) {
            throw new TemplateException("no test named '" + Repr.str(name) + "'");
        }
        return test;
    }

    private static void plain(String name, Predicate<Object> predicate) {
        ALL.put(name, (budget, value, arguments) -> {
            NONE.bind(arguments);
            return predicate.test(value);
        });
    }

    private static void comparison(String operator, String... names) {
        Test test = (budget, value, arguments) -> Comparison.compare(
                budget, operator, value, OTHER.bind(arguments).get(0));
        ALL.put(operator, test);
        for (String name : names) {
            ALL.put(name, test);
        }
    }

    private static boolean remainder(
            Budget budget, Object value, Object divisor, Arguments arguments, Signature signature, Object expected) {
        signature.bind(arguments);
        return Comparison.equal(budget, Operators.binary(budget, "%", value, divisor), expected);
    }

    private static boolean isSequence(Object value) {
        return Types.isString(value)
                || value instanceof PyDict
                || value instanceof Undefined
                || Types.elements(value) != null;
    }

    private static boolean isCallable(Object value) {
        return value instanceof Callable || value instanceof Undefined;
    }

    /** Python's {@code is}, which holds for equal strings and small integers of one template too. */
    private static boolean isSame(Object value, Object other) {
        return switch (value) {
            case String ignored -> value.equals(other);
            case Long ignored -> value.equals(other);
            case Boolean ignored -> value.equals(other);
            default -> Types.same(value, other);
        };
    }
}
