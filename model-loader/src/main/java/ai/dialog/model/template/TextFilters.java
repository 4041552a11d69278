package ai.dialog.model.template;

import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Filters of text. */
final class TextFilters {

    private static final Signature CENTER = Signature.of("center", 0, "width");
    private static final Signature INDENT = Signature.of("indent", 0, "width", "first", "blank");
    private static final Signature REPLACE = Signature.of("replace", 2, "old", "new", "count");
    private static final Signature TRIM = Signature.of("trim", 0, "chars");
    private static final Signature TRUNCATE = Signature.of("truncate", 0, "length", "killwords", "end", "leeway");
    private static final Signature WORD_WRAP =
            Signature.of("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
    private static final Signature NONE = Signature.of("filter", 0);

    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final int LEEWAY = 5;

    private TextFilters() {}

    static Map<String, Filter> all() {
        return Map.ofEntries(
                plain("upper", PyText::upper),
                plain("lower", PyText::lower),
                plain("capitalize", PyText::capitalize),
                plain("title", TextFilters::title),
                Map.entry("trim", TextFilters::trim),
                Map.entry("center", TextFilters::center),
                Map.entry("indent", TextFilters::indent),
                Map.entry("replace", TextFilters::replace),
                Map.entry("truncate", TextFilters::truncate),
                Map.entry("wordwrap", TextFilters::wordWrap),
                Map.entry("wordcount", TextFilters::wordCount),
                Map.entry("format", TextFilters::format),
                Map.entry("string", (budget, value, arguments) -> {
                    NONE.bind(arguments);
                    String text = Repr.str(value);
                    budget.allocate(text.length());
                    return value instanceof Markup ? value : text;
                }),
                Map.entry("pprint", (budget, value, arguments) -> Repr.repr(value)));
    }

    private static Map.Entry<String, Filter> plain(String name, UnaryOperator<String> function) {
        return Map.entry(name, (budget, value, arguments) -> {
            NONE.bind(arguments);
            String text = Repr.str(value);
            budget.allocate(text.length());
            return like(value, function.apply(text));
        });
    }

    /** Marks a text as safe where the value it was made of is. */
    private static Object like(Object value, String text) {
        return value instanceof Markup ? new Markup(text) : text;
    }

    /** Capitals at the beginning of words, which here begin after blanks, hyphens and opening brackets only. */
    private static String title(String text) {
        var out = new StringBuilder(text.length());
        boolean starts = true;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            String character = Character.toString(point);
            boolean separates = PyText.isSpace(point) || "-({[<".indexOf(point) >= 0;
            out.append(separates ? character : starts ? PyText.upper(character) : PyText.lower(character));
            starts = separates;
            i += Character.charCount(point);
        }
        return out.toString();
    }

    private static Object trim(Budget budget, Object value, Arguments arguments) {
        var strips = PyText.stripped(TRIM.bind(arguments).get(0, None.NONE));
        String text = Repr.str(value);
        budget.allocate(text.length());
        return like(value, PyText.stripRight(PyText.stripLeft(text, strips), strips));
    }

    private static Object center(Budget budget, Object value, Arguments arguments) {
        long width = CENTER.bind(arguments).integer(0, 80);
        return like(value, StringPadding.center(budget, Repr.str(value), width, " "));
    }

    private static Object indent(Budget budget, Object value, Arguments arguments) {
        var bound = INDENT.bind(arguments);
        Object width = bound.get(0, 4L);
        String indention =
                Types.isString(width) ? Types.text(width) : Operators.repeat(budget, " ", Types.index(width));
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        var lines = PyText.lines(Types.text(value) + "\n", false);
        var out = new StringBuilder(bound.truth(1) ? indention : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            if (i > 0) {
                out.append('\n').append(line.isEmpty() && !bound.truth(2) ? "" : indention);
                budget.allocate(indention.length());
            }
            out.append(line);
            budget.allocate(line.length());
            StringSplit.checkLength(budget, out.length());
        }
        return like(value, out.toString());
    }

    private static Object replace(Budget budget, Object value, Arguments arguments) {
        var bound = REPLACE.bind(arguments);
        long count = bound.get(2, None.NONE) == None.NONE ? -1 : bound.integer(2, -1);
        String old = Repr.str(bound.get(0));
        return StringSplit.replace(budget, Repr.str(value), old, Repr.str(bound.get(1)), count);
    }

    private static Object truncate(Budget budget, Object value, Arguments arguments) {
        var bound = TRUNCATE.bind(arguments);
        long length = bound.integer(0, 255);
        String end = bound.text(2, "...");
        long leeway = bound.get(3, None.NONE) == None.NONE ? LEEWAY : bound.integer(3, LEEWAY);
        long kept = length - Types.length(end);
        if (kept < 0 || leeway < 0) {
            throw new TemplateException("truncate: expected length >= %d and leeway >= 0".formatted(Types.length(end)));
        }
        if (Types.length(value) <= length + leeway) {
            return value;
        }
        String cut = PyText.substring(Types.text(value), 0, kept);
        int blank = cut.lastIndexOf(' ');
        budget.allocate(cut.length());
        return like(value, (bound.truth(1) || blank < 0 ? cut : cut.substring(0, blank)) + end);
    }

    private static Object wordWrap(Budget budget, Object value, Arguments arguments) {
        var bound = WORD_WRAP.bind(arguments);
        boolean breakLong = !bound.has(1) || bound.truth(1);
        boolean onHyphens = !bound.has(3) || bound.truth(3);
        String separator = bound.get(2, None.NONE) == None.NONE ? "\n" : bound.text(2, "\n");
        var wrap = new TextWrap(budget, bound.integer(0, 79), breakLong, onHyphens);
        var out = new StringBuilder();
        boolean first = true;
        for (Object line : PyText.lines(Types.text(value), false)) {
            String wrapped = String.join(separator, wrap.lines((String) line));
            out.append(first ? "" : separator).append(wrapped);
            first = false;
            budget.allocate((long) wrapped.length() + separator.length());
        }
        return out.toString();
    }

    private static Object wordCount(Budget budget, Object value, Arguments arguments) {
        NONE.bind(arguments);
        String text = Repr.str(value);
        budget.allocate(text.length());
        return WORD.matcher(text).results().count();
    }

    private static Object format(Budget budget, Object value, Arguments arguments) {
        var named = arguments.named();
        if (!named.isEmpty() && !arguments.positional().isEmpty()) {
            throw new TemplateException("can't handle positional and keyword arguments at the same time");
        }
        Object values = new PyTuple(arguments.positional());
        if (!named.isEmpty()) {
            var dict = new PyDict();
            named.forEach(dict::put);
            values = dict;
        }
        return value instanceof Markup markup
                ? Operators.formatted(budget, markup, values)
                : PercentFormat.format(budget, Repr.str(value), values);
    }
}
