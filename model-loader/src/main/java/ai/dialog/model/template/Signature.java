package ai.dialog.model.template;

import java.util.Arrays;
import java.util.List;

/**
 * The parameters of a function, filter or method, bound as Python binds them.
 *
 * @param function its name, for errors
 * @param required how many of the parameters must be given
 * @param byName whether parameters may be given by name
 * @param parameters their names
 */
record Signature(String function, int required, boolean byName, List<String> parameters) {

    private static final Object ABSENT = new Object();

    static Signature of(String function, int required, String... parameters) {
        return new Signature(function, required, true, List.of(parameters));
    }

    static Signature positional(String function, int required, int most) {
        String[] names = new String[most];
        Arrays.setAll(names, i -> "argument " + (i + 1));
        return new Signature(function, required, false, List.of(names));
    }

    Bound bind(Arguments arguments) {
        var given = arguments.positional();
        if (given.size() > parameters.size()) {
            throw new TemplateException(
                    "%s() takes at most %d arguments (%d given)".formatted(function, parameters.size(), given.size()));
        }
        Object[] values = new Object[parameters.size()];
        Arrays.fill(values, ABSENT);
        for (int i = 0; i < given.size(); i++) {
            values[i] = given.get(i);
        }
        for (var entry : arguments.named().entrySet()) {
            int index = byName ? parameters.indexOf(entry.getKey()) : -1;
            if (index < 0) {
                throw new TemplateException(
                        "%s() got an unexpected keyword argument '%s'".formatted(function, entry.getKey()));
            }
            if (index < given.size()) {
                throw new TemplateException(
                        "%s() got multiple values for argument '%s'".formatted(function, entry.getKey()));
            }
            values[index] = entry.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (values[i] == ABSENT) {
                throw new TemplateException(
                        "%s() misses a required argument: '%s'".formatted(function, parameters.get(i)));
            }
        }
        return new Bound(values);
    }

    /** Arguments in the order of the parameters. */
    static final class Bound {

        private final Object[] values;

        private Bound(Object[] values) {
            this.values = values;
        }

        boolean has(int index) {
            return values[index] != ABSENT;
        }

        Object get(int index) {
            return values[index];
        }

        Object get(int index, Object absent) {
            return values[index] == ABSENT ? absent : values[index];
        }

        String text(int index, String absent) {
            return has(index) ? Types.text(values[index]) : absent;
        }

        long integer(int index, long absent) {
            return has(index) ? Types.index(values[index]) : absent;
        }

        /** A flag that has to be a truth value or an integer, as Python's own functions want it. */
        boolean flag(int index) {
            return integer(index, 0) != 0;
        }

        boolean truth(int index) {
            return has(index) && Types.truth(values[index]);
        }
    }
}
