package ai.dialog.model.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters that apply a filter, a test or an attribute to each element; their results are generators. */
final class SelectionFilters {

    private SelectionFilters() {}

    static Map<String, Filter> all() {
        return Map.of(
                "map", SelectionFilters::map,
                "select", (budget, value, arguments) -> select(budget, value, arguments, true, false),
                "reject", (budget, value, arguments) -> select(budget, value, arguments, false, false),
                "selectattr", (budget, value, arguments) -> select(budget, value, arguments, true, true),
                "rejectattr", (budget, value, arguments) -> select(budget, value, arguments, false, true),
                "attr", SelectionFilters::attribute);
    }

    private static Object attribute(Budget budget, Object value, Arguments arguments) {
        String name = Types.text(Signature.of("attr", 1, "name").bind(arguments).get(0));
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object found = Attributes.attribute(budget, value, name);
        return found == null ? Undefined.member(value, name) : found;
    }

    private static Object map(Budget budget, Object value, Arguments arguments) {
        if (!Types.truth(value)) {
            return PyIterator.generator(List.<Object>of().iterator());
        }
        return Iteration.map(Iteration.iterator(value), function(budget, arguments));
    }

    private static UnaryOperator<Object> function(Budget budget, Arguments arguments) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            var named = new LinkedHashMap<>(arguments.named());
            Object attribute = named.remove("attribute");
            Object absent = named.remove("default");
            if (!named.isEmpty() || attribute == null) {
                throw new TemplateException("map got an unexpected keyword argument");
            }
            var path = AttributePath.of(attribute, absent == null ? None.NONE : absent);
            return item -> path.get(budget, item);
        }
        if (arguments.positional().isEmpty()) {
            throw new TemplateException("map requires a filter argument");
        }
        var filter = Filters.named(arguments.positional().getFirst());
        var rest = arguments.from(1);
        return item -> {
            budget.step();
            return filter.apply(budget, item, rest);
        };
    }

    private static Object select(Budget budget, Object value, Arguments arguments, boolean keep, boolean byAttribute) {
        if (!Types.truth(value)) {
            return PyIterator.generator(List.<Object>of().iterator());
        }
        var positional = arguments.positional();
        if (byAttribute && positional.isEmpty()) {
            throw new TemplateException("missing parameter for attribute name");
        }
        var path = AttributePath.of(byAttribute ? positional.getFirst() : None.NONE, None.NONE);
        var test = predicate(budget, byAttribute ? arguments.from(1) : arguments);
        return Iteration.filter(budget, Iteration.iterator(value), item -> test.test(path.get(budget, item)) == keep);
    }

    private static Predicate<Object> predicate(Budget budget, Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            return Types::truth;
        }
        var test = Tests.named(arguments.positional().getFirst());
        var rest = arguments.from(1);
        return item -> test.test(budget, item, rest);
    }
}
