package ai.dialog.model.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filters by name: Jinja2's own, with the {@code tojson} that transformers puts in place of its. */
final class Filters {

    private static final Map<String, Filter> ALL = new HashMap<>();

    static {
        ALL.putAll(TextFilters.all());
        ALL.putAll(MarkupFilters.all());
        ALL.putAll(NumberFilters.all());
        ALL.putAll(SequenceFilters.all());
        ALL.putAll(SelectionFilters.all());
        ALL.put("tojson", Json::filter);
        ALL.put("count", ALL.get("length"));
        ALL.put("d", ALL.get("default"));
        ALL.put("e", ALL.get("escape"));
    }

    private Filters() {}

    /** The filter of a name, or null where there is none. */
    static @Nullable Filter find(String name) {
        return ALL.get(name);
    }

    /** The filter that a filter such as {@code map} is told to apply. */
    static Filter named(Object name) {
        var filter = name instanceof String text ? ALL.get(text) : null;
        if (filter == null) {
            throw new TemplateException("no filter named '" + Repr.str(name) + "'");
        }
        return filter;
    }
}
