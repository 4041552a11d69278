package ai.dialog.model.template;

import java.util.List;
import java.util.Map;

/** The arguments of one call. */
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /** The same call without its first arguments. */
    Arguments from(int first) {
        return new Arguments(positional.subList(first, positional.size()), named);
    }
}
