package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The {@code attribute} of filters such as {@code sort} and {@code map}: a dotted path, whose parts are looked up as
 * items first and attributes then.
 *
 * @param absent what stands in for an undefined part; None for nothing
 */
record AttributePath(List<Object> parts, Object absent) {

    private static final Pattern DOT = Pattern.compile("\\.");

    static AttributePath of(Object attribute, Object absent) {
        var parts = new ArrayList<>();
        if (attribute instanceof String path) {
            for (String part : DOT.split(path, -1)) {
                boolean index =
                        !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
                parts.add(index ? (Object) Long.valueOf(part) : part);
            }
        } else if (attribute != None.NONE) {
            parts.add(attribute);
        }
        return new AttributePath(parts, absent);
    }

    Object get(Budget budget, Object item) {
        Object value = item;
        for (Object part : parts) {
            budget.step();
            value = Attributes.item(budget, value, part);
            if (absent != None.NONE && value instanceof Undefined) {
                value = absent;
            }
        }
        return value;
    }

    /** The value as a key of sorting and grouping, where strings of different case may be the same. */
    Object key(Budget budget, Object item, boolean caseSensitive) {
        Object value = get(budget, item);
        return !caseSensitive && Types.isString(value) ? PyText.lower(Types.text(value)) : value;
    }
}
