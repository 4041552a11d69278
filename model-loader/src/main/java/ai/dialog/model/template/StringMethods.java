package ai.dialog.model.template;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str}. */
final class StringMethods {

    /** A method: the budget it counts against, the text it belongs to, its arguments. */
    @FunctionalInterface
    private interface Method {
        Object call(Budget budget, String text, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            plain("upper", PyText::upper),
            plain("lower", PyText::lower),
            plain("casefold", text -> PyText.lower(PyText.upper(text))),
            plain("capitalize", PyText::capitalize),
            plain("title", PyText::title),
            plain("swapcase", PyText::swapCase),
            strip("strip", (text, set) -> PyText.stripRight(PyText.stripLeft(text, set), set)),
            strip("lstrip", PyText::stripLeft),
            strip("rstrip", PyText::stripRight),
            all("isspace", PyText::isSpace),
            all("isalpha", PyText::isAlpha),
            all("isdigit", PyText::isDigit),
            all("isdecimal", PyText::isDecimal),
            all("isnumeric", PyText::isNumeric),
            all("isalnum", point -> PyText.isAlpha(point) || PyText.isNumeric(point)),
            test("isascii", text -> text.codePoints().allMatch(point -> point < 128)),
            test("isprintable", text -> text.codePoints().allMatch(PyText::isPrintable)),
            test("islower", StringMethods::isLower),
            test("isupper", StringMethods::isUpper),
            test("istitle", text -> text.codePoints().anyMatch(PyText::isCased) && text.equals(PyText.title(text))),
            test("isidentifier", StringMethods::isIdentifier),
            method("startswith", 1, 3, (text, bound) -> StringSearch.affix(text, bound, true)),
            method("endswith", 1, 3, (text, bound) -> StringSearch.affix(text, bound, false)),
            method("find", 1, 3, (text, bound) -> StringSearch.find(text, bound, false)),
            method("rfind", 1, 3, (text, bound) -> StringSearch.find(text, bound, true)),
            method("index", 1, 3, (text, bound) -> StringSearch.index(text, bound, false)),
            method("rindex", 1, 3, (text, bound) -> StringSearch.index(text, bound, true)),
            method("count", 1, 3, StringSearch::count),
            method("removeprefix", 1, 1, (text, bound) -> {
                String prefix = Types.text(bound.get(0));
                return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }),
            method("removesuffix", 1, 1, (text, bound) -> {
                String suffix = Types.text(bound.get(0));
                return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            }),
            method("partition", 1, 1, (text, bound) -> StringSearch.partition(text, bound, false)),
            method("rpartition", 1, 1, (text, bound) -> StringSearch.partition(text, bound, true)),
            Map.entry("replace", StringSplit::replace),
            Map.entry("split", (budget, text, arguments) -> StringSplit.split(budget, text, arguments, false)),
            Map.entry("rsplit", (budget, text, arguments) -> StringSplit.split(budget, text, arguments, true)),
            Map.entry("splitlines", StringSplit::splitLines),
            Map.entry("join", StringSplit::join),
            Map.entry("zfill", StringPadding::zfill),
            Map.entry("ljust", (budget, text, arguments) -> StringPadding.justify(budget, text, arguments, "ljust")),
            Map.entry("rjust", (budget, text, arguments) -> StringPadding.justify(budget, text, arguments, "rjust")),
            Map.entry("center", (budget, text, arguments) -> StringPadding.justify(budget, text, arguments, "center")),
            Map.entry("expandtabs", StringPadding::expandTabs),
            Map.entry("format", BraceFormat::format),
            Map.entry("format_map", BraceFormat::formatMap));

    private StringMethods() {}

    /** The method of a text, or null where there is none of that name. */
    static @Nullable Object of(Budget budget, String text, String name) {
        Method method = METHODS.get(name);
        if (method == null) {
            return null;
        }
        return (Callable) arguments -> {
            budget.work(text.length());
            return method.call(budget, text, arguments);
        };
    }

    /** The same of text marked safe: a text it gives is marked again. */
    static @Nullable Object ofMarkup(Budget budget, Markup markup, String name) {
        Method method = METHODS.get(name);
        if (method == null) {
            return null;
        }
        return (Callable) arguments -> {
            return marked(method.call(budget, markup.text(), arguments));
        };
    }

    private static Object marked(Object result) {
        return switch (result) {
            case String text -> new Markup(text);
            case PyList list ->
                new PyList(list.items().stream().map(StringMethods::marked).toList());
            case PyTuple tuple ->
                new PyTuple(tuple.items().stream().map(StringMethods::marked).toList());
            default -> result;
        };
    }

    private static Map.Entry<String, Method> plain(String name, UnaryOperator<String> function) {
        var signature = Signature.positional(name, 0, 0);
        return Map.entry(name, (budget, text, arguments) -> {
            signature.bind(arguments);
            budget.allocate(text.length());
            return function.apply(text);
        });
    }

    private static Map.Entry<String, Method> strip(String name, BiFunction<String, IntPredicate, String> function) {
        var signature = Signature.positional(name, 0, 1);
        return Map.entry(name, (budget, text, arguments) -> {
            Object characters = signature.bind(arguments).get(0, None.NONE);
            return function.apply(text, PyText.stripped(characters));
        });
    }

    private static Map.Entry<String, Method> test(String name, Predicate<String> test) {
        var signature = Signature.positional(name, 0, 0);
        return Map.entry(name, (budget, text, arguments) -> {
            signature.bind(arguments);
            return test.test(text);
        });
    }

    private static Map.Entry<String, Method> all(String name, IntPredicate predicate) {
        return test(name, text -> !text.isEmpty() && text.codePoints().allMatch(predicate));
    }

    private static Map.Entry<String, Method> method(
            String name, int required, int most, BiFunction<String, Signature.Bound, Object> function) {
        var signature = Signature.positional(name, required, most);
        return Map.entry(name, (budget, text, arguments) -> function.apply(text, signature.bind(arguments)));
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(point -> Character.isUpperCase(point) || Character.isTitleCase(point));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(point -> Character.isLowerCase(point) || Character.isTitleCase(point));
    }

    private static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && (text.codePointAt(0) == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                && text.codePoints().allMatch(point -> point == '_' || Character.isUnicodeIdentifierPart(point));
    }
}
