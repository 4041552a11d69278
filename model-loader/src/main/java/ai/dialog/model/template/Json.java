package ai.dialog.model.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The {@code tojson} filter of transformers: Python's {@code json.dumps}, with {@code ensure_ascii} off. */
final class Json {

    private static final Signature SIGNATURE =
            Signature.of("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");

    private final Budget budget;
    private final boolean ascii;
    private final boolean sorted;
    private final boolean indented;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final StringBuilder out = new StringBuilder();
    private int depth;
    private int counted;

    private Json(Budget budget, Signature.Bound bound) {
        this.budget = budget;
        this.ascii = bound.truth(0);
        this.sorted = bound.truth(3);
        Object width = bound.get(1, None.NONE);
        this.indented = width != None.NONE;
        this.indent = !indented
                ? ""
                : Types.isString(width) ? Types.text(width) : Operators.repeat(budget, " ", Types.index(width));
        Object separators = bound.get(2, None.NONE);
        if (separators == None.NONE) {
            itemSeparator = indented ? "," : ", ";
            keySeparator = ": ";
        } else {
            List<Object> pair = Iteration.list(budget, separators);
            if (pair.size() != 2) {
                throw new TemplateException("tojson: separators must be two texts");
            }
            itemSeparator = Types.text(pair.get(0));
            keySeparator = Types.text(pair.get(1));
        }
    }

    static Object filter(Budget budget, Object value, Arguments arguments) {
        var json = new Json(budget, SIGNATURE.bind(arguments));
        json.write(value);
        json.count();
        return json.out.toString();
    }

    private void count() {
        budget.allocate((long) out.length() - counted);
        counted = out.length();
        StringSplit.checkLength(budget, counted);
    }

    private void write(Object value) {
        switch (value) {
            case String text -> quote(text);
            case Markup markup -> quote(markup.text());
            case PyDict dict -> dict(dict);
            case PyList list -> list(list.items());
            case PyTuple tuple -> list(tuple.items());
            default -> out.append(scalar(value, "Object of type " + Types.name(value) + " is not JSON serializable"));
        }
    }

    private static String scalar(Object value, String otherwise) {
        return switch (value) {
            case None ignored -> "null";
            case Boolean truth -> truth ? "true" : "false";
            case Long number -> number.toString();
            case BigInteger number -> Numbers.decimal(number);
            case Double number ->
                Double.isNaN(number)
                        ? "NaN"
                        : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.repr(number);
            default -> throw new TemplateException(otherwise);
        };
    }

    private void list(List<Object> items) {
        open('[', items);
        String separator = "";
        for (Object item : items) {
            out.append(separator);
            newLine();
            write(item);
            separator = itemSeparator;
        }
        close(']', items);
    }

    private void dict(PyDict dict) {
        Collection<PyDict.Entry> entries = dict.entries();
        open('{', entries);
        String separator = "";
        for (var entry : sorted ? sorted(entries) : entries) {
            out.append(separator);
            newLine();
            Object key = entry.key();
            quote(
                    Types.isString(key)
                            ? Types.text(key)
                            : scalar(key, "keys must be str, int, float, bool or None, not " + Types.name(key)));
            out.append(keySeparator);
            write(entry.value());
            separator = itemSeparator;
        }
        close('}', entries);
    }

    private List<PyDict.Entry> sorted(Collection<PyDict.Entry> entries) {
        List<Object> all = new ArrayList<>(entries);
        var keys = new ArrayList<>();
        entries.forEach(entry -> keys.add(entry.key()));
        var ordered = new ArrayList<PyDict.Entry>();
        Iteration.sorted(budget, all, keys, false).forEach(entry -> ordered.add((PyDict.Entry) entry));
        return ordered;
    }

    private void open(char bracket, Collection<?> items) {
        budget.enter();
        out.append(bracket);
        depth++;
        count();
        if (indented && !items.isEmpty()) {
            budget.allocate((long) indent.length() * depth * items.size());
        }
    }

    private void close(char bracket, Collection<?> items) {
        depth--;
        if (!items.isEmpty()) {
            newLine();
        }
        out.append(bracket);
        budget.exit();
    }

    private void newLine() {
        budget.step();
        if (indented) {
            out.append('\n').append(indent.repeat(depth));
            StringSplit.checkLength(budget, out.length());
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
        StringSplit.checkLength(budget, out.length());
    }
}
