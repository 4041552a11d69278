package ai.dialog.model.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of Python's lists, tuples and dicts that do not change them. */
final class CollectionMethods {

    private static final Signature GET = Signature.positional("get", 1, 2);
    private static final Signature COUNT = Signature.positional("count", 1, 1);
    private static final Signature INDEX = Signature.positional("index", 1, 3);

    private CollectionMethods() {}

    /** The method of a dict, or null where there is none of that name. */
    static @Nullable Object of(Budget budget, PyDict dict, String name) {
        return switch (name) {
            case "get" ->
                (Callable) arguments -> {
                    var bound = GET.bind(arguments);
                    Object value = dict.get(bound.get(0));
                    return value == null ? bound.get(1, None.NONE) : value;
                };
            case "items" -> view(dict, DictView.Kind.ITEMS);
            case "keys" -> view(dict, DictView.Kind.KEYS);
            case "values" -> view(dict, DictView.Kind.VALUES);
            case "copy" ->
                (Callable) arguments -> {
                    Signature.positional("copy", 0, 0).bind(arguments);
                    budget.allocate(dict.size());
                    return dict;
                };
            case "fromkeys" -> (Callable) arguments -> fromKeys(budget, arguments);
            default -> null;
        };
    }

    private static Callable view(PyDict dict, DictView.Kind kind) {
        return arguments -> {
            Signature.positional(kind.typeName(), 0, 0).bind(arguments);
            return new DictView(dict, kind);
        };
    }

    private static Object fromKeys(Budget budget, Arguments arguments) {
        var bound = Signature.positional("fromkeys", 1, 2).bind(arguments);
        var dict = new PyDict();
        for (Object key : Iteration.list(budget, bound.get(0))) {
            dict.put(key, bound.get(1, None.NONE));
        }
        return dict;
    }

    /** The method of a list, tuple or range, or null where there is none of that name. */
    static @Nullable Object of(Budget budget, List<Object> items, boolean isList, String name) {
        return switch (name) {
            case "index" -> (Callable) arguments -> index(budget, items, INDEX.bind(arguments));
            case "count" ->
                (Callable) arguments -> {
                    Object sought = COUNT.bind(arguments).get(0);
                    return items.stream()
                            .filter(item -> Comparison.equal(budget, item, sought))
                            .count();
                };
            case "copy" -> isList ? (Callable) arguments -> new PyList(items) : null;
            default -> null;
        };
    }

    private static Object index(Budget budget, List<Object> items, Signature.Bound bound) {
        int from = clamp(bound.integer(1, 0), items.size());
        int to = clamp(bound.integer(2, items.size()), items.size());
        for (int i = from; i < to; i++) {
            if (Comparison.equal(budget, items.get(i), bound.get(0))) {
                return (long) i;
            }
        }
        throw new TemplateException(Repr.repr(bound.get(0)) + " is not in list");
    }

    private static int clamp(long index, int size) {
        return Math.clamp(index < 0 ? index + size : index, 0, size);
    }
}
