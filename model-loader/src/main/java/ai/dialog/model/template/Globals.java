package ai.dialog.model.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions every template sees: Jinja2's, and the two that transformers adds. */
final class Globals {

    private static final Signature RANGE = Signature.positional("range", 1, 3);
    private static final Signature STRFTIME_NOW = Signature.of("strftime_now", 1, "format");
    private static final Signature RAISE_EXCEPTION = Signature.of("raise_exception", 1, "message");

    private Globals() {}

    static void define(Scope scope, Budget budget, Clock clock) {
        scope.set("range", (Callable) arguments -> range(budget, arguments));
        scope.set("dict", (Callable) arguments -> dict(budget, arguments));
        scope.set("namespace", (Callable) arguments -> new Namespace(dict(budget, arguments)));
        scope.set("cycler", (Callable) Cycler::of);
        scope.set("joiner", (Callable) arguments -> {
            Object separator = Signature.of("joiner", 0, "sep").bind(arguments).get(0, ", ");
            return new Joiner(separator);
        });
        scope.set("raise_exception", (Callable) arguments -> {
            throw new TemplateException(Repr.str(RAISE_EXCEPTION.bind(arguments).get(0)));
        });
        scope.set("strftime_now", (Callable) arguments -> {
            String format = Types.text(STRFTIME_NOW.bind(arguments).get(0));
            budget.allocate(format.length() * 8L);
            return Strftime.format(LocalDateTime.now(clock), format);
        });
    }

    private static Object range(Budget budget, Arguments arguments) {
        var bound = RANGE.bind(arguments);
        boolean one = !bound.has(1);
        long start = one ? 0 : bound.integer(0, 0);
        long stop = bound.integer(one ? 0 : 1, 0);
        long step = bound.integer(2, 1);
        if (step == 0) {
            throw new TemplateException("range() arg 3 must not be zero");
        }
        int most = budget.limits().range();
        double length = Math.ceil(((double) stop - (double) start) / step);
        boolean tooFar =
                Math.abs((double) start) > 1e18 || Math.abs((double) stop) > 1e18 || Math.abs((double) step) > 1e18;
        if (length > most || (length > 0 && tooFar)) {
            throw new TemplateException("range too big: the sandbox blocks ranges larger than %d".formatted(most));
        }
        return new PyRange(start, stop, step);
    }

    private static PyDict dict(Budget budget, Arguments arguments) {
        var dict = new PyDict();
        if (arguments.positional().size() > 1) {
            throw new TemplateException("dict expected at most 1 argument");
        }
        for (Object source : arguments.positional()) {
            addAll(budget, dict, source);
        }
        arguments.named().forEach(dict::put);
        return dict;
    }

    private static void addAll(Budget budget, PyDict dict, Object source) {
        if (source instanceof PyDict other) {
            budget.allocate(other.size());
            other.entries().forEach(entry -> dict.put(entry.key(), entry.value()));
            return;
        }
        for (Object pair : Iteration.list(budget, source)) {
            List<Object> keyAndValue = Iteration.list(budget, pair);
            if (keyAndValue.size() != 2) {
                throw new TemplateException("dict needs pairs, and got %d values".formatted(keyAndValue.size()));
            }
            dict.put(keyAndValue.get(0), keyAndValue.get(1));
        }
    }

    /** {@code cycler()}: gives its values in turn. */
    static final class Cycler implements Attributed {

        private final List<Object> items;
        private int position;

        private Cycler(List<Object> items) {
            this.items = items;
        }

        static Cycler of(Arguments arguments) {
            if (arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
                throw new TemplateException("at least one item has to be provided");
            }
            return new Cycler(arguments.positional());
        }

        @Override
        public @Nullable Object attribute(String name) {
            return switch (name) {
                case "next" -> (Callable) arguments -> next();
                case "reset" -> (Callable) arguments -> reset();
                case "current" -> items.get(position);
                case "pos" -> (long) position;
                case "items" -> new PyTuple(items);
                default -> null;
            };
        }

        private Object next() {
            Object item = items.get(position);
            position = (position + 1) % items.size();
            return item;
        }

        private Object reset() {
            position = 0;
            return None.NONE;
        }

        @Override
        public String typeName() {
            return "Cycler";
        }
    }

    /** {@code joiner()}: nothing the first time it is called, its separator then. */
    static final class Joiner implements Callable, Attributed {

        private final Object separator;
        private boolean used;

        Joiner(Object separator) {
            this.separator = separator;
        }

        @Override
        public Object call(Arguments arguments) {
            if (used) {
                return separator;
            }
            used = true;
            return "";
        }

        @Override
        public @Nullable Object attribute(String name) {
            return switch (name) {
                case "sep" -> separator;
                case "used" -> used;
                default -> null;
            };
        }

        @Override
        public String typeName() {
            return "Joiner";
        }
    }
}
