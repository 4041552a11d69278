package ai.dialog.model.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Turns a value into an object whose Java equality is Python's, for dict keys and sets. */
final class HashKey {

    private HashKey() {}

    static Object of(Object value) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case Boolean truth -> truth ? 1L : 0L;
            case Double number -> ofDouble(number);
            case PyTuple tuple -> ofTuple(tuple);
            case Undefined ignored -> Undefined.class;
            case PyList ignored -> throw unhashable(value);
            case PyDict ignored -> throw unhashable(value);
            case DictView ignored -> throw unhashable(value);
            default -> value;
        };
    }

    private static Object ofDouble(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number) || number != Math.rint(number)) {
            return number;
        }
        return Numbers.normalize(new BigDecimal(number).toBigInteger());
    }

    private static List<Object> ofTuple(PyTuple tuple) {
        var keys = new ArrayList<>(tuple.items().size());
        for (Object item : tuple.items()) {
            keys.add(of(item));
        }
        return keys;
    }

    private static TemplateException unhashable(Object value) {
        return new TemplateException("unhashable type: '" + Types.name(value) + "'");
    }
}
