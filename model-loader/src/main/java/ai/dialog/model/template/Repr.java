package ai.dialog.model.template;

import java.util.List;

/** Python's {@code str()} and {@code repr()} of values. */
final class Repr {

    /** How deep lists in lists are printed; Python gives up at about this depth too. */
    private static final int MOST_DEPTH = 200;

    private final StringBuilder out = new StringBuilder();
    private int depth;

    private Repr() {}

    static String str(Object value) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case Undefined ignored -> "";
            default -> repr(value);
        };
    }

    static String repr(Object value) {
        var repr = new Repr();
        repr.write(value);
        return repr.out.toString();
    }

    private void write(Object value) {
        switch (value) {
            case None ignored -> out.append("None");
            case Boolean truth -> out.append(truth ? "True" : "False");
            case Long number -> out.append(number.longValue());
            case java.math.BigInteger number -> out.append(Numbers.decimal(number));
            case Double number -> out.append(Numbers.repr(number));
            case String text -> quote(text);
            case Markup markup -> {
                out.append("Markup(");
                quote(markup.text());
                out.append(')');
            }
            case Undefined ignored -> out.append("Undefined");
            case PyList list -> items("[", list.items(), "]");
            case PyTuple tuple -> items("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")");
            case PyDict dict -> dict(dict);
            case DictView view -> {
                out.append(view.kind().typeName());
                items("([", Iteration.list(view), "])");
            }
            case PyRange range -> {
                out.append("range(").append(range.start()).append(", ").append(range.stop());
                out.append(range.step() == 1 ? "" : ", " + range.step()).append(')');
            }
            case Namespace namespace -> {
                out.append("<Namespace ");
                write(namespace.attributes());
                out.append('>');
            }
            case LoopContext loop -> out.append("<LoopContext ").append(loop).append('>');
            case Macro macro -> out.append(macro);
            default -> out.append('<').append(Types.name(value)).append(" object>");
        }
        if (out.length() > Limits.DEFAULT.text()) {
            throw new TemplateException(
                    "a printed value is over the bound of " + Limits.DEFAULT.text() + " characters");
        }
    }

    private void items(String open, List<Object> items, String close) {
        deeper();
        out.append(open);
        String separator = "";
        for (Object item : items) {
            out.append(separator);
            write(item);
            separator = ", ";
        }
        out.append(close);
        depth--;
    }

    private void dict(PyDict dict) {
        deeper();
        out.append('{');
        String separator = "";
        for (var entry : dict.entries()) {
            out.append(separator);
            write(entry.key());
            out.append(": ");
            write(entry.value());
            separator = ", ";
        }
        out.append('}');
        depth--;
    }

    private void deeper() {
        if (++depth > MOST_DEPTH) {
            throw new TemplateException("a printed value nests deeper than the bound of " + MOST_DEPTH);
        }
    }

    private void quote(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            switch (point) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (point == quote) {
                        out.append('\\').append(quote);
                    } else if (PyText.isPrintable(point)) {
                        out.appendCodePoint(point);
                    } else {
                        escape(out, point);
                    }
                }
            }
        }
        out.append(quote);
    }

    /** {@code ascii()} of a value: its repr with everything beyond ASCII escaped. */
    static String ascii(Object value) {
        String repr = repr(value);
        var out = new StringBuilder(repr.length());
        repr.codePoints().forEach(point -> {
            if (point < 128) {
                out.append((char) point);
            } else {
                escape(out, point);
            }
        });
        return out.toString();
    }

    /** Digit by digit: a value may have millions of them, and a formatter takes a thousand bytes for each. */
    private static void escape(StringBuilder out, int point) {
        int digits = point < 0x100 ? 2 : point < 0x10000 ? 4 : 8;
        out.append('\\').append(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        for (int digit = digits - 1; digit >= 0; digit--) {
            out.append(Character.forDigit((point >> (4 * digit)) & 15, 16));
        }
    }
}
