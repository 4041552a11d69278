package ai.dialog.model.template;

import java.util.AbstractList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes, items and slices, with the rules of Jinja2's immutable sandbox: {@code a.b} looks for an attribute first
 * and an item then, {@code a[b]} the other way round; attributes that begin with an underscore, and methods that would
 * change a list or dict, come out as undefined.
 */
final class Attributes {

    private static final Set<String> CHANGING_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> CHANGING_LIST =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

    /** Attributes that every Python object has, and that no template sees. */
    private static final Set<String> INTERNAL = Set.of(
            "__class__",
            "__delattr__",
            "__dir__",
            "__doc__",
            "__eq__",
            "__format__",
            "__ge__",
            "__getattribute__",
            "__gt__",
            "__hash__",
            "__init__",
            "__init_subclass__",
            "__le__",
            "__lt__",
            "__ne__",
            "__new__",
            "__reduce__",
            "__reduce_ex__",
            "__repr__",
            "__setattr__",
            "__sizeof__",
            "__str__",
            "__subclasshook__",
            "__getitem__",
            "__len__",
            "__iter__",
            "__contains__",
            "__add__",
            "__mul__",
            "__dict__",
            "__module__",
            "__call__",
            "__getstate__");

    private Attributes() {}

    /** {@code target.name}. */
    static Object get(Budget budget, Object target, String name) {
        if (target instanceof PyDict dict) {
            Object method = attribute(budget, target, name);
            Object value = method == null ? dict.get(name) : method;
            return value == null ? Undefined.member(target, name) : value;
        }
        if (target instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object value = attribute(budget, target, name);
        return value == null ? Undefined.member(target, name) : value;
    }

    /** {@code target[key]}. */
    static Object item(Budget budget, Object target, Object key) {
        Object value = switch (target) {
            case PyDict dict -> isHashable(key) ? dict.get(key) : null;
            case String text -> isIndex(key) ? character(text, Types.index(key)) : null;
            case Markup markup -> isIndex(key) ? character(markup.text(), Types.index(key)) : null;
            case Undefined undefined -> throw undefined.failure();
            default -> {
                var items = Types.elements(target);
                yield items != null && isIndex(key) ? element(items, Types.index(key)) : null;
            }
        };
        if (value == null && Types.isString(key)) {
            value = attribute(budget, target, Types.text(key));
        }
        return value == null ? Undefined.member(target, key) : value;
    }

    private static boolean isIndex(Object key) {
        return key instanceof Long || key instanceof Boolean;
    }

    private static boolean isHashable(Object key) {
        return !(key instanceof PyList
                || key instanceof PyDict
                || (key instanceof PyTuple tuple && !tuple.items().stream().allMatch(Attributes::isHashable)));
    }

    private static @Nullable Object element(List<Object> items, long index) {
        long at = index < 0 ? index + items.size() : index;
        return at >= 0 && at < items.size() ? items.get((int) at) : null;
    }

    private static @Nullable Object character(String text, long index) {
        int length = text.codePointCount(0, text.length());
        long at = index < 0 ? index + length : index;
        if (at < 0 || at >= length) {
            return null;
        }
        return Character.toString(text.codePointAt(PyText.offset(text, at)));
    }

    /** What {@code getattr} of Python finds, seen through the sandbox; null where it finds nothing. */
    static @Nullable Object attribute(Budget budget, Object target, String name) {
        if (name.startsWith("_")) {
            boolean exists = INTERNAL.contains(name)
                    || (target instanceof Namespace namespace && namespace.attribute(name) != null);
            return exists ? Undefined.unsafe(target, name) : null;
        }
        return switch (target) {
            case PyDict dict ->
                CHANGING_DICT.contains(name)
                        ? Undefined.unsafe(target, name)
                        : CollectionMethods.of(budget, dict, name);
            case PyList list ->
                CHANGING_LIST.contains(name)
                        ? Undefined.unsafe(target, name)
                        : CollectionMethods.of(budget, list.items(), true, name);
            case PyTuple tuple -> {
                int field = tuple.fields().indexOf(name);
                yield field >= 0 ? tuple.items().get(field) : CollectionMethods.of(budget, tuple.items(), false, name);
            }
            case String text -> StringMethods.of(budget, text, name);
            case Markup markup -> StringMethods.ofMarkup(budget, markup, name);
            case Attributed object -> object.attribute(name);
            case PyRange range -> rangeAttribute(budget, range, name);
            default -> Numbers.isNumber(target) ? numberAttribute(target, name) : null;
        };
    }

    private static @Nullable Object numberAttribute(Object number, String name) {
        boolean whole = Types.isInteger(number);
        return switch (name) {
            case "real" -> Operators.sign(false, number);
            case "imag" -> whole ? (Object) 0L : (Object) 0.0;
            case "numerator" -> whole ? Operators.sign(false, number) : null;
            case "denominator" -> whole ? 1L : null;
            case "bit_length" ->
                whole ? (Callable) arguments -> (long) Numbers.big(number).abs().bitLength() : null;
            case "is_integer" ->
                whole ? null : (Callable) arguments -> number instanceof Double value && value == Math.rint(value);
            default -> null;
        };
    }

    private static @Nullable Object rangeAttribute(Budget budget, PyRange range, String name) {
        return switch (name) {
            case "start" -> range.start();
            case "stop" -> range.stop();
            case "step" -> range.step();
            default -> CollectionMethods.of(budget, range.items(), false, name);
        };
    }

    /** {@code target[start:stop:step]}; None for a bound that is not given. */
    static Object slice(Budget budget, Object target, Object start, Object stop, Object step) {
        if (target instanceof Undefined undefined) {
            throw undefined.failure();
        }
        long stride = step == None.NONE ? 1 : Types.index(step);
        if (stride == 0) {
            throw new TemplateException("slice step cannot be zero");
        }
        if (target instanceof String text) {
            return sliceText(budget, text, start, stop, stride);
        }
        if (target instanceof Markup markup) {
            return new Markup(sliceText(budget, markup.text(), start, stop, stride));
        }
        if (target instanceof PyRange range) {
            long first = bound(start, range.length(), stride, true);
            long last = bound(stop, range.length(), stride, false);
            return new PyRange(
                    range.start() + first * range.step(), range.start() + last * range.step(), range.step() * stride);
        }
        var items = Types.elements(target);
        if (items == null) {
            throw new TemplateException("'" + Types.name(target) + "' object cannot be sliced");
        }
        var part = List.copyOf(new Part(items, start, stop, stride));
        budget.allocate(part.size());
        return target instanceof PyTuple ? new PyTuple(part) : new PyList(part);
    }

    private static String sliceText(Budget budget, String text, Object start, Object stop, long stride) {
        budget.allocate(text.length());
        int length = text.codePointCount(0, text.length());
        if (stride == 1) {
            return PyText.substring(text, bound(start, length, 1, true), bound(stop, length, 1, false));
        }
        var out = new StringBuilder();
        for (Object character : new Part(PyText.characters(text), start, stop, stride)) {
            out.append((String) character);
        }
        return out.toString();
    }

    /** A bound of a slice as an index into a sequence, as {@code slice.indices} computes it. */
    private static long bound(Object value, long length, long stride, boolean isStart) {
        if (value == None.NONE) {
            boolean fromEnd = stride < 0 == isStart;
            return fromEnd ? stride < 0 ? length - 1 : length : stride < 0 ? -1 : 0;
        }
        long index = Types.index(value);
        if (index < 0) {
            return Math.max(index + length, stride < 0 ? -1 : 0);
        }
        return Math.min(index, stride < 0 ? length - 1 : length);
    }

    /** Every so many elements of a list. */
    private static final class Part extends AbstractList<Object> {

        private final List<Object> items;
        private final long first;
        private final long stride;
        private final int size;

        Part(List<Object> items, Object start, Object stop, long stride) {
            this.items = items;
            this.stride = stride;
            this.first = bound(start, items.size(), stride, true);
            long last = bound(stop, items.size(), stride, false);
            long distance = stride > 0 ? last - first : first - last;
            this.size = distance <= 0 ? 0 : (int) ((distance - 1) / Math.abs(stride) + 1);
        }

        @Override
        public Object get(int index) {
            return items.get((int) (first + index * stride));
        }

        @Override
        public int size() {
            return size;
        }
    }
}
