package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walking over values as Python's {@code iter()} does. */
final class Iteration {

    private Iteration() {}

    static Iterator<Object> iterator(Object value) {
        var items = iteratorOrNull(value);
        if (items == null) {
            throw new TemplateException("'" + Types.name(value) + "' object is not iterable");
        }
        return items;
    }

    static @Nullable Iterator<Object> iteratorOrNull(Object value) {
        return switch (value) {
            case PyList list -> list.items().iterator();
            case PyTuple tuple -> tuple.items().iterator();
            case PyDict dict -> new DictView(dict, DictView.Kind.KEYS).iterator();
            case DictView view -> view.iterator();
            case PyRange range -> range.items().iterator();
            case PyIterator iterator -> iterator.items();
            case String text -> characters(text);
            case Markup markup -> characters(markup.text());
            case Undefined ignored -> List.of().iterator();
            case LoopContext loop -> loop;
            default -> null;
        };
    }

    private static Iterator<Object> characters(String text) {
        var points = text.codePoints().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return points.hasNext();
            }

            @Override
            public Object next() {
                return Character.toString(points.nextInt());
            }
        };
    }

    /** All elements of a value that is finite by its kind. */
    static List<Object> list(Object value) {
        var items = new ArrayList<>();
        iterator(value).forEachRemaining(items::add);
        return items;
    }

    /** All elements, counted. */
    static List<Object> list(Budget budget, Object value) {
        var items = new ArrayList<>();
        var iterator = iterator(value);
        while (iterator.hasNext()) {
            budget.allocate(1);
            items.add(iterator.next());
        }
        return items;
    }

    /** A generator that applies a function to each element when it is asked for. */
    static PyIterator map(Iterator<Object> items, java.util.function.UnaryOperator<Object> function) {
        return PyIterator.generator(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Object next() {
                return function.apply(items.next());
            }
        });
    }

    /** A generator of the elements for which a predicate holds. */
    static PyIterator filter(Budget budget, Iterator<Object> items, java.util.function.Predicate<Object> predicate) {
        return PyIterator.generator(new Iterator<>() {
            private @Nullable Object upcoming;

            @Override
            public boolean hasNext() {
                while (upcoming == null && items.hasNext()) {
                    budget.step();
                    Object item = items.next();
                    if (predicate.test(item)) {
                        upcoming = item;
                    }
                }
                return upcoming != null;
            }

            @Override
            public Object next() {
                if (!hasNext() || upcoming == null) {
                    throw new java.util.NoSuchElementException();
                }
                Object item = upcoming;
                upcoming = null;
                return item;
            }
        });
    }

    /** Elements in reverse, where a value has them in an order that can be walked backwards. */
    static @Nullable List<Object> reversed(Object value) {
        return switch (value) {
            case PyIterator ignored -> null;
            case LoopContext ignored -> null;
            case Undefined ignored -> List.of();
            default -> {
                if (iteratorOrNull(value) == null) {
                    yield null;
                }
                var items = list(value);
                java.util.Collections.reverse(items);
                yield items;
            }
        };
    }

    /** Python's stable sort, which asks for nothing but {@code <}. */
    static List<Object> sorted(Budget budget, List<Object> items, List<Object> keys, boolean reverse) {
        Integer[] order = new Integer[items.size()];
        java.util.Arrays.setAll(order, i -> i);
        mergeSort(budget, order, new Integer[order.length], 0, order.length, keys, reverse);
        var sorted = new ArrayList<>(items.size());
        for (int index : order) {
            sorted.add(items.get(index));
        }
        return sorted;
    }

    private static void mergeSort(
            Budget budget, Integer[] order, Integer[] spare, int from, int to, List<Object> keys, boolean reverse) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(budget, order, spare, from, middle, keys, reverse);
        mergeSort(budget, order, spare, middle, to, keys, reverse);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takeRight =
                    left == middle || (right < to && before(budget, keys, order[right], order[left], reverse));
            spare[i] = takeRight ? order[right++] : order[left++];
        }
        System.arraycopy(spare, from, order, from, to - from);
    }

    private static boolean before(Budget budget, List<Object> keys, int a, int b, boolean reverse) {
        Object first = keys.get(reverse ? b : a);
        Object second = keys.get(reverse ? a : b);
        return Comparison.less(budget, first, second, "<");
    }
}
