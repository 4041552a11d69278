package ai.dialog.model.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies what the caller gives a template into values of the evaluator, so that nothing else is within its reach. */
final class Variables {

    private static final int MOST_DEPTH = 200;

    private Variables() {}

    static void define(Scope scope, Map<String, ?> variables) {
        for (var entry : variables.entrySet()) {
            scope.set(entry.getKey().intern(), value(entry.getKey(), entry.getValue(), 0));
        }
    }

    private static Object value(String variable, @Nullable Object value, int depth) {
        if (depth > MOST_DEPTH) {
            throw new TemplateException(
                    "the variable '%s' nests deeper than the bound of %d".formatted(variable, MOST_DEPTH));
        }
        return switch (value) {
            case null -> None.NONE;
            case String text -> text;
            case Boolean truth -> truth;
            case Long number -> number;
            case Integer number -> (long) number;
            case Short number -> (long) number;
            case Byte number -> (long) number;
            case Double number -> number;
            case Float number -> (double) number;
            case BigInteger number -> Numbers.normalize(number);
            case BigDecimal number -> number.doubleValue();
            case List<?> list -> {
                var items = new ArrayList<>(list.size());
                for (Object item : list) {
                    items.add(value(variable, item, depth + 1));
                }
                yield new PyList(items);
            }
            case Map<?, ?> map -> {
                var dict = new PyDict(map.size());
                for (var entry : map.entrySet()) {
                    dict.put(value(variable, entry.getKey(), depth + 1), value(variable, entry.getValue(), depth + 1));
                }
                yield dict;
            }
            default ->
                throw new TemplateException("the variable '%s' holds a %s, which a template cannot see"
                        .formatted(variable, value.getClass().getSimpleName()));
        };
    }
}
