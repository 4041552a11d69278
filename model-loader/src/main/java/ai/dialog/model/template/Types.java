package ai.dialog.model.template;

import java.math.BigInteger;
import java.util.List;

/** What kind of value an object is to Python: its name, truth and length, and the conversions calls make. */
final class Types {

    private Types() {}

    /** Python's name of the type, for messages. */
    static String name(Object value) {
        return switch (value) {
            case None ignored -> "NoneType";
            case Boolean ignored -> "bool";
            case Long ignored -> "int";
            case BigInteger ignored -> "int";
            case Double ignored -> "float";
            case String ignored -> "str";
            case Markup ignored -> "Markup";
            case PyList ignored -> "list";
            case PyTuple ignored -> "tuple";
            case PyDict ignored -> "dict";
            case DictView view -> view.kind().typeName();
            case PyRange ignored -> "range";
            case PyIterator iterator -> iterator.typeName();
            case Undefined ignored -> "Undefined";
            case Attributed object -> object.typeName();
            default -> "builtin_function_or_method";
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case Boolean truth -> truth;
            case None ignored -> false;
            case Undefined ignored -> false;
            case String text -> !text.isEmpty();
            case Markup markup -> !markup.text().isEmpty();
            case Long number -> number != 0;
            case BigInteger ignored -> true;
            case Double number -> number != 0;
            case PyList list -> !list.items().isEmpty();
            case PyTuple tuple -> !tuple.items().isEmpty();
            case PyDict dict -> dict.size() > 0;
            case DictView view -> view.dict().size() > 0;
            case PyRange range -> range.length() > 0;
            default -> true;
        };
    }

    /** {@code len()}. */
    static long length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case Markup markup -> length(markup.text());
            case PyList list -> list.items().size();
            case PyTuple tuple -> tuple.items().size();
            case PyDict dict -> dict.size();
            case DictView view -> view.dict().size();
            case PyRange range -> range.length();
            case Undefined ignored -> 0;
            case LoopContext loop -> loop.length();
            default -> throw new TemplateException("object of type '" + name(value) + "' has no len()");
        };
    }

    /** Whether two values are one object, which is Python's equality of objects that define no other. */
    @SuppressWarnings("ReferenceEquality") // identity is what is asked for
    static boolean same(Object left, Object right) {
        return left == right;
    }

    static boolean isString(Object value) {
        return value instanceof String || value instanceof Markup;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    /** The text of a string; anything else is a type error. */
    static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            default -> throw new TemplateException("expected str, not " + name(value));
        };
    }

    /** An integer as Python's {@code __index__} has it, cut to 64 bits as slices and counts are. */
    static long index(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case BigInteger big -> big.signum() < 0 ? Long.MIN_VALUE / 2 : Long.MAX_VALUE / 2;
            case Undefined undefined -> throw undefined.failure();
            default -> throw new TemplateException("'" + name(value) + "' object cannot be interpreted as an integer");
        };
    }

    /** The elements of a list or tuple, or null for anything else. */
    static @org.jspecify.annotations.Nullable List<Object> elements(Object value) {
        return switch (value) {
            case PyList list -> list.items();
            case PyTuple tuple -> tuple.items();
            case PyRange range -> range.items();
            default -> null;
        };
    }
}
