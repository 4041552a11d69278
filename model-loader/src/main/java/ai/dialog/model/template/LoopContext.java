package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The {@code loop} variable. Looks ahead in the sequence no further than it is asked to. */
final class LoopContext implements Attributed, Callable, Iterator<Object> {

    private final Budget budget;
    private final int depth;
    private final @Nullable BiFunction<Object, Integer, Object> recurse;
    private Iterator<Object> items;
    private long length;
    private long index = -1;
    private @Nullable Object before;
    private @Nullable Object current;
    private @Nullable Object after;
    private @Nullable List<Object> lastChanged;

    /**
     * A loop that has not begun.
     *
     * @param recurse renders the loop's body over a sequence at a depth; null where the loop is not recursive
     */
    LoopContext(
            Budget budget,
            Object sequence,
            Iterator<Object> items,
            int depth,
            @Nullable BiFunction<Object, Integer, Object> recurse) {
        this.budget = budget;
        this.items = items;
        this.depth = depth;
        this.recurse = recurse;
        this.length = sequence instanceof PyIterator ? -1 : Types.length(sequence);
    }

    @Override
    public boolean hasNext() {
        return peek() != null;
    }

    @Override
    public Object next() {
        Object item = peek();
        if (item == null) {
            throw new NoSuchElementException();
        }
        after = null;
        index++;
        before = current;
        current = item;
        return item;
    }

    private @Nullable Object peek() {
        if (after == null && items.hasNext()) {
            after = items.next();
        }
        return after;
    }

    long length() {
        if (length < 0) {
            var rest = new ArrayList<>();
            while (items.hasNext()) {
                budget.allocate(1);
                rest.add(items.next());
            }
            items = rest.iterator();
            length = rest.size() + index + 1 + (after == null ? 0 : 1);
        }
        return length;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1;
            case "index0" -> index;
            case "revindex" -> length() - index;
            case "revindex0" -> length() - index - 1;
            case "first" -> index == 0;
            case "last" -> peek() == null;
            case "length" -> length();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index == 0 || before == null ? new Undefined("there is no previous item") : before;
            case "nextitem" -> {
                Object item = peek();
                yield item == null ? new Undefined("there is no next item") : item;
            }
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    private Object cycle(Arguments arguments) {
        var choices = arguments.positional();
        if (choices.isEmpty() || !arguments.named().isEmpty()) {
            throw new TemplateException("no items for cycling given");
        }
        return choices.get((int) (index % choices.size()));
    }

    private Object changed(Arguments arguments) {
        var values = arguments.positional();
        if (lastChanged != null && Comparison.equal(budget, new PyTuple(lastChanged), new PyTuple(values))) {
            return false;
        }
        lastChanged = values;
        return true;
    }

    @Override
    public Object call(Arguments arguments) {
        if (recurse == null) {
            throw new TemplateException("the loop must have the 'recursive' marker to be called recursively");
        }
        var bound = Signature.of("loop", 1, "iterable").bind(arguments);
        return recurse.apply(bound.get(0), depth + 1);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public String toString() {
        return index + 1 + "/" + length();
    }
}
