package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Filters of lists and dicts. */
final class SequenceFilters {

    private static final Signature NONE = Signature.of("filter", 0);
    private static final Signature BATCH = Signature.of("batch", 1, "linecount", "fill_with");
    private static final Signature SLICE = Signature.of("slice", 1, "slices", "fill_with");
    private static final Signature DEFAULT = Signature.of("default", 0, "default_value", "boolean");
    private static final Signature DICT_SORT = Signature.of("dictsort", 0, "case_sensitive", "by", "reverse");
    private static final Signature GROUP_BY = Signature.of("groupby", 1, "attribute", "default", "case_sensitive");
    private static final Signature JOIN = Signature.of("join", 0, "d", "attribute");
    private static final Signature SORT = Signature.of("sort", 0, "reverse", "case_sensitive", "attribute");
    private static final Signature SUM = Signature.of("sum", 0, "attribute", "start");
    private static final Signature UNIQUE = Signature.of("unique", 0, "case_sensitive", "attribute");
    private static final Pattern COMMA = Pattern.compile(",", Pattern.LITERAL);

    private SequenceFilters() {}

    static Map<String, Filter> all() {
        return Map.ofEntries(
                Map.entry("batch", SequenceFilters::batch),
                Map.entry("default", SequenceFilters::defaultValue),
                Map.entry("dictsort", SequenceFilters::dictSort),
                Map.entry("first", SequenceFilters::first),
                Map.entry("groupby", SequenceFilters::groupBy),
                Map.entry("items", SequenceFilters::items),
                Map.entry("join", SequenceFilters::join),
                Map.entry("last", SequenceFilters::last),
                Map.entry("length", (budget, value, arguments) -> {
                    NONE.bind(arguments);
                    return Types.length(value);
                }),
                Map.entry("list", (budget, value, arguments) -> {
                    NONE.bind(arguments);
                    return new PyList(Iteration.list(budget, value));
                }),
                Map.entry("max", (budget, value, arguments) -> extreme(budget, value, arguments, true)),
                Map.entry("min", (budget, value, arguments) -> extreme(budget, value, arguments, false)),
                Map.entry("random", SequenceFilters::random),
                Map.entry("reverse", SequenceFilters::reverse),
                Map.entry("slice", SequenceFilters::slice),
                Map.entry("sort", SequenceFilters::sort),
                Map.entry("sum", SequenceFilters::sum),
                Map.entry("unique", SequenceFilters::unique));
    }

    private static Object defaultValue(Budget budget, Object value, Arguments arguments) {
        var bound = DEFAULT.bind(arguments);
        boolean missing = value instanceof Undefined || (bound.truth(1) && !Types.truth(value));
        return missing ? bound.get(0, "") : value;
    }

    private static Object first(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        var items = Iteration.iterator(value);
        return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
    }

    private static Object last(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        var items = Iteration.reversed(value);
        if (items == null) {
            throw new TemplateException("'" + Types.name(value) + "' object is not reversible");
        }
        budget.work(items.size());
        return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.getFirst();
    }

    private static Object random(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        var items = Types.isString(value) ? PyText.characters(Types.text(value)) : Types.elements(value);
        if (items == null) {
            throw new TemplateException("'" + Types.name(value) + "' object is not a sequence");
        }
        return items.isEmpty()
                ? new Undefined("No random item, sequence was empty.")
                : items.get(ThreadLocalRandom.current().nextInt(items.size()));
    }

    private static Object reverse(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        if (Types.isString(value)) {
            String text = Types.text(value);
            budget.allocate(text.length());
            return new StringBuilder(text).reverse().toString();
        }
        var reversed = Iteration.reversed(value);
        if (reversed != null) {
            budget.allocate(reversed.size());
            return new PyIterator(reversed.iterator(), "list_reverseiterator");
        }
        var items = Iteration.list(budget, value);
        java.util.Collections.reverse(items);
        return new PyList(items);
    }

    private static Object items(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        return switch (value) {
            case Undefined ignored -> PyIterator.generator(List.<Object>of().iterator());
            case PyDict dict -> PyIterator.generator(new DictView(dict, DictView.Kind.ITEMS).iterator());
            default -> throw new TemplateException("can only get item pairs from a mapping");
        };
    }

    private static Object join(Budget budget, Object value, Arguments arguments) {
        var bound = JOIN.bind(arguments);
        var path = AttributePath.of(bound.get(1, None.NONE), None.NONE);
        String separator = Repr.str(bound.get(0, ""));
        var out = new StringBuilder();
        var items = Iteration.iterator(value);
        boolean first = true;
        while (items.hasNext()) {
            String item = Repr.str(path.get(budget, items.next()));
            out.append(first ? "" : separator).append(item);
            first = false;
            budget.allocate((long) separator.length() + item.length());
            StringSplit.checkLength(budget, out.length());
        }
        return out.toString();
    }

    private static Object batch(Budget budget, Object value, Arguments arguments) {
        var bound = BATCH.bind(arguments);
        long size = bound.integer(0, 1);
        var batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : Iteration.list(budget, value)) {
            if (batch.size() == size) {
                batches.add(new PyList(batch));
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            Object fill = bound.get(1, None.NONE);
            if (fill != None.NONE && batch.size() < size) {
                budget.allocate(size);
                while (batch.size() < size) {
                    batch.add(fill);
                }
            }
            batches.add(new PyList(batch));
        }
        return PyIterator.generator(batches.iterator());
    }

    private static Object slice(Budget budget, Object value, Arguments arguments) {
        var bound = SLICE.bind(arguments);
        var items = Iteration.list(budget, value);
        long slices = bound.integer(0, 1);
        if (slices == 0) {
            throw new TemplateException("integer division or modulo by zero");
        }
        budget.allocate(Math.max(0, slices));
        long size = items.size() / slices;
        long extra = items.size() % slices;
        Object fill = bound.get(1, None.NONE);
        var parts = new ArrayList<>();
        int start = 0;
        for (long i = 0; i < slices; i++) {
            int end = (int) (start + size + (i < extra ? 1 : 0));
            var part = new ArrayList<>(items.subList(start, end));
            if (fill != None.NONE && i >= extra) {
                part.add(fill);
            }
            parts.add(new PyList(part));
            start = end;
        }
        return PyIterator.generator(parts.iterator());
    }

    private static Object sort(Budget budget, Object value, Arguments arguments) {
        var bound = SORT.bind(arguments);
        var items = Iteration.list(budget, value);
        var keys = new ArrayList<>(items.size());
        var paths = new ArrayList<AttributePath>();
        Object attribute = bound.get(2, None.NONE);
        if (attribute instanceof String several) {
            for (String one : COMMA.split(several, -1)) {
                paths.add(AttributePath.of(one, None.NONE));
            }
        } else {
            paths.add(AttributePath.of(attribute, None.NONE));
        }
        for (Object item : items) {
            var key = new ArrayList<>(paths.size());
            paths.forEach(path -> key.add(path.key(budget, item, bound.truth(1))));
            keys.add(new PyList(key));
        }
        return new PyList(Iteration.sorted(budget, items, keys, bound.flag(0)));
    }

    private static Object dictSort(Budget budget, Object value, Arguments arguments) {
        var bound = DICT_SORT.bind(arguments);
        String by = bound.text(1, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("you can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof PyDict dict)) {
            throw value instanceof Undefined undefined
                    ? undefined.failure()
                    : new TemplateException("'" + Types.name(value) + "' object has no attribute 'items'");
        }
        var path = AttributePath.of(by.equals("key") ? 0L : 1L, None.NONE);
        var items = Iteration.list(budget, new DictView(dict, DictView.Kind.ITEMS));
        var keys = new ArrayList<>(items.size());
        items.forEach(item -> keys.add(path.key(budget, item, bound.truth(0))));
        return new PyList(Iteration.sorted(budget, items, keys, bound.flag(2)));
    }

    private static Object unique(Budget budget, Object value, Arguments arguments) {
        var bound = UNIQUE.bind(arguments);
        var path = AttributePath.of(bound.get(1, None.NONE), None.NONE);
        var seen = new HashSet<>();
        return Iteration.filter(
                budget,
                Iteration.iterator(value),
                item -> seen.add(HashKey.of(path.key(budget, item, bound.truth(0)))));
    }

    private static Object extreme(Budget budget, Object value, Arguments arguments, boolean greatest) {
        var bound = UNIQUE.bind(arguments);
        var path = AttributePath.of(bound.get(1, None.NONE), None.NONE);
        var items = Iteration.iterator(value);
        if (!items.hasNext()) {
            return new Undefined("No aggregated item, sequence was empty.");
        }
        Object best = items.next();
        Object bestKey = path.key(budget, best, bound.truth(0));
        while (items.hasNext()) {
            Object item = items.next();
            Object key = path.key(budget, item, bound.truth(0));
            boolean better =
                    greatest ? Comparison.less(budget, bestKey, key, ">") : Comparison.less(budget, key, bestKey, "<");
            if (better) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }

    private static Object groupBy(Budget budget, Object value, Arguments arguments) {
        var bound = GROUP_BY.bind(arguments);
        var path = AttributePath.of(bound.get(0), bound.get(1, None.NONE));
        var items = Iteration.list(budget, value);
        var keys = new ArrayList<>(items.size());
        items.forEach(item -> keys.add(path.key(budget, item, bound.truth(2))));
        var groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        Object groupKey = None.NONE;
        for (Object item : Iteration.sorted(budget, items, keys, false)) {
            Object key = path.key(budget, item, bound.truth(2));
            if (!group.isEmpty() && !Comparison.equal(budget, groupKey, key)) {
                groups.add(group(path.get(budget, group.getFirst()), group));
                group = new ArrayList<>();
            }
            groupKey = key;
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(group(path.get(budget, group.getFirst()), group));
        }
        return new PyList(groups);
    }

    private static PyTuple group(Object key, List<Object> items) {
        return new PyTuple(List.of(key, new PyList(items)), List.of("grouper", "list"));
    }

    private static Object sum(Budget budget, Object value, Arguments arguments) {
        var bound = SUM.bind(arguments);
        var path = AttributePath.of(bound.get(0, None.NONE), None.NONE);
        Object total = bound.get(1, 0L);
        if (Types.isString(total)) {
            throw new TemplateException("sum() can't sum strings [use ''.join(seq) instead]");
        }
        var items = Iteration.iterator(value);
        while (items.hasNext()) {
            total = Operators.binary(budget, "+", total, path.get(budget, items.next()));
        }
        return total;
    }
}
