package ai.dialog.model.template;

import java.util.List;

/** {@code text % values}: Python's printf-style formatting. */
final class PercentFormat {

    private final Budget budget;
    private final String format;
    private final Object values;
    private final List<Object> arguments;
    private final StringBuilder out = new StringBuilder();
    private int position;
    private int used;
    private boolean mapped;

    private PercentFormat(Budget budget, String format, Object values) {
        this.budget = budget;
        this.format = format;
        this.values = values;
        this.arguments = values instanceof PyTuple tuple ? tuple.items() : List.of(values);
    }

    static String format(Budget budget, String format, Object values) {
        budget.work(format.length());
        return new PercentFormat(budget, format, values).run();
    }

    private String run() {
        while (position < format.length()) {
            char c = format.charAt(position++);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int before = out.length();
            conversion();
            budget.allocate((long) out.length() - before);
            StringSplit.checkLength(budget, out.length());
        }
        boolean leftOver = values instanceof PyTuple ? used < arguments.size() : used == 0 && !isMapping();
        if (leftOver && !mapped) {
            throw new TemplateException("not all arguments converted during string formatting");
        }
        return out.toString();
    }

    private boolean isMapping() {
        return values instanceof PyDict
                || values instanceof PyList
                || values instanceof PyRange
                || values instanceof Undefined;
    }

    private void conversion() {
        Object keyed = None.NONE;
        boolean hasKey = at('(');
        if (hasKey) {
            keyed = keyed();
        }
        String flags = run("-+ #0");
        long width = number(0);
        boolean left = flags.indexOf('-') >= 0 || width < 0;
        int precision = -1;
        if (at('.')) {
            precision = Math.clamp(number(0), 0, budget.limits().text());
        }
        run("hlL");
        if (position >= format.length()) {
            throw new TemplateException("incomplete format");
        }
        char type = format.charAt(position++);
        if (type == '%') {
            out.append('%');
            return;
        }
        Object value = hasKey ? keyed : next();
        out.append(converted(value, type, flags, left, Math.abs(width), precision));
    }

    private String converted(Object value, char type, String flags, boolean left, long width, int precision) {
        boolean numeric = "diuoxXeEfFgG".indexOf(type) >= 0;
        boolean zero = numeric && flags.indexOf('0') >= 0 && !left;
        char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : 0;
        boolean alternate = flags.indexOf('#') >= 0;
        char align = zero ? '=' : left ? '<' : '>';
        String fill = zero ? "0" : " ";
        return switch (type) {
            case 'd', 'i', 'u' ->
                integer(value, type, new FormatSpec(fill, align, sign, false, width, "", -1, 'd'), precision);
            case 'o', 'x', 'X' ->
                integer(value, type, new FormatSpec(fill, align, sign, alternate, width, "", -1, type), precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                if (!Numbers.isNumber(value)) {
                    throw new TemplateException("must be real number, not " + Types.name(value));
                }
                yield new FormatSpec(fill, align, sign, alternate, width, "", precision, type)
                        .number(budget, Numbers.toDouble(value));
            }
            case 'c' -> padded(character(value), align, width, -1);
            case 's' -> padded(Repr.str(value), align, width, precision);
            case 'r' -> padded(Repr.repr(value), align, width, precision);
            case 'a' -> padded(Repr.ascii(value), align, width, precision);
            default -> throw new TemplateException("unsupported format character '" + type + "'");
        };
    }

    private String integer(Object value, char type, FormatSpec spec, int precision) {
        Object whole = value;
        if (value instanceof Double number && "diu".indexOf(type) >= 0) {
            whole = Numbers.truncate(number);
        }
        if (!Types.isInteger(whole)) {
            throw new TemplateException("%" + type + " format: a number is required, not " + Types.name(value));
        }
        if (precision > 0) {
            var digits = new FormatSpec("0", '=', (char) 0, false, precision, "", -1, spec.type());
            String body =
                    digits.number(budget, Numbers.normalize(Numbers.big(whole).abs()));
            String mark = Numbers.big(whole).signum() < 0 ? "-" : spec.sign() == 0 ? "" : String.valueOf(spec.sign());
            return padded(mark + body, spec.align() == '=' ? '>' : spec.align(), spec.width(), -1);
        }
        return spec.number(budget, whole);
    }

    private static String character(Object value) {
        if (Types.isString(value) && Types.length(value) == 1) {
            return Types.text(value);
        }
        if (!Types.isInteger(value)) {
            throw new TemplateException("a character format requires int or char");
        }
        return FormatSpec.character(Numbers.big(value));
    }

    private String padded(String text, char align, long width, int precision) {
        String cut = precision < 0 ? text : PyText.substring(text, 0, precision);
        String blanks = Operators.repeat(budget, " ", width - Types.length(cut));
        return align == '<' ? cut + blanks : blanks + cut;
    }

    private Object keyed() {
        int close = position;
        int open = 1;
        while (close < format.length() && open > 0) {
            char c = format.charAt(close++);
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        if (open > 0) {
            throw new TemplateException("incomplete format key");
        }
        String key = format.substring(position, close - 1);
        position = close;
        if (!(values instanceof PyDict dict)) {
            throw new TemplateException("format requires a mapping");
        }
        mapped = true;
        Object value = dict.get(key);
        if (value == null) {
            throw new TemplateException("no value for the format key '" + key + "'");
        }
        return value;
    }

    private Object next() {
        if (used >= arguments.size()) {
            throw new TemplateException("not enough arguments for format string");
        }
        return arguments.get(used++);
    }

    private boolean at(char c) {
        if (position < format.length() && format.charAt(position) == c) {
            position++;
            return true;
        }
        return false;
    }

    private String run(String characters) {
        int start = position;
        while (position < format.length() && characters.indexOf(format.charAt(position)) >= 0) {
            position++;
        }
        return format.substring(start, position);
    }

    private long number(long absent) {
        if (at('*')) {
            Object value = next();
            if (!(value instanceof Long number)) {
                throw new TemplateException("* wants int");
            }
            return number;
        }
        String digits = run("0123456789");
        if (digits.length() > 18) {
            throw new TemplateException("width too big");
        }
        return digits.isEmpty() ? absent : Long.parseLong(digits);
    }
}
