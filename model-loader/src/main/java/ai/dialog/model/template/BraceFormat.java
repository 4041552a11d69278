package ai.dialog.model.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code str.format}: fields in braces, whose attributes and items are looked up as the sandbox looks them up. */
final class BraceFormat {

    private final Budget budget;
    private final Arguments arguments;
    private int automatic;

    private BraceFormat(Budget budget, Arguments arguments) {
        this.budget = budget;
        this.arguments = arguments;
    }

    static Object format(Budget budget, String text, Arguments arguments) {
        return new BraceFormat(budget, arguments).run(text, 2);
    }

    static Object formatMap(Budget budget, String text, Arguments arguments) {
        Object map = Signature.positional("format_map", 1, 1).bind(arguments).get(0);
        Map<String, Object> named = new HashMap<>();
        if (map instanceof PyDict dict) {
            for (var entry : dict.entries()) {
                if (entry.key() instanceof String name) {
                    named.put(name, entry.value());
                }
            }
        }
        return new BraceFormat(budget, new Arguments(List.of(), named)).run(text, 2);
    }

    private String run(String text, int depth) {
        if (depth < 0) {
            throw new TemplateException("max string recursion exceeded");
        }
        var out = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (i < text.length() && text.charAt(i) == c) {
                out.append(c);
                i++;
            } else if (c == '}') {
                throw new TemplateException("single '}' encountered in format string");
            } else {
                int close = closing(text, i);
                String field = field(text.substring(i, close), depth);
                budget.allocate(field.length());
                out.append(field);
                i = close + 1;
            }
            StringSplit.checkLength(budget, out.length());
        }
        return out.toString();
    }

    private static int closing(String text, int start) {
        int open = 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            open += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw new TemplateException("expected '}' before end of string");
    }

    private String field(String field, int depth) {
        int nameEnd = 0;
        boolean inBrackets = false;
        while (nameEnd < field.length()) {
            char c = field.charAt(nameEnd);
            inBrackets = c == '[' || (inBrackets && c != ']');
            if (!inBrackets && (c == '!' || c == ':')) {
                break;
            }
            nameEnd++;
        }
        String rest = field.substring(nameEnd);
        char conversion = 0;
        if (rest.startsWith("!")) {
            if (rest.length() < 2 || (rest.length() > 2 && rest.charAt(2) != ':')) {
                throw new TemplateException("expected ':' after conversion specifier");
            }
            conversion = rest.charAt(1);
            rest = rest.substring(2);
        }
        Object value = lookUp(field.substring(0, nameEnd));
        String spec = rest.isEmpty() ? "" : run(rest.substring(1), depth - 1);
        Object converted = switch (conversion) {
            case 0 -> value;
            case 's' -> Repr.str(value);
            case 'r' -> Repr.repr(value);
            case 'a' -> Repr.ascii(value);
            default -> throw new TemplateException("unknown conversion specifier '" + conversion + "'");
        };
        return FormatSpec.format(budget, converted, spec);
    }

    private Object lookUp(String name) {
        int i = 0;
        while (i < name.length() && name.charAt(i) != '.' && name.charAt(i) != '[') {
            i++;
        }
        Object value = argument(name.substring(0, i));
        while (i < name.length()) {
            if (name.charAt(i) == '.') {
                int end = i + 1;
                while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
                    end++;
                }
                if (end == i + 1) {
                    throw new TemplateException("empty attribute in format string");
                }
                value = Attributes.get(budget, value, name.substring(i + 1, end));
                i = end;
            } else {
                int close = name.indexOf(']', i);
                if (name.charAt(i) != '[' || close < 0) {
                    throw new TemplateException("malformed field name in a format string");
                }
                String key = name.substring(i + 1, close);
                Long index = index(key);
                value = Attributes.item(budget, value, index == null ? key : index);
                i = close + 1;
            }
        }
        return value;
    }

    private Object argument(String name) {
        Long index = name.isEmpty() ? Long.valueOf(automatic++) : index(name);
        boolean mixed = name.isEmpty() ? automatic <= 0 : index != null && automatic > 0;
        if (mixed) {
            throw new TemplateException("cannot switch between manual and automatic field numbering");
        }
        if (index == null) {
            Object value = arguments.named().get(name);
            if (value == null) {
                throw new TemplateException("no value for the format field '" + name + "'");
            }
            return value;
        }
        if (!name.isEmpty()) {
            automatic = Integer.MIN_VALUE;
        }
        if (index >= arguments.positional().size()) {
            throw new TemplateException("replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get(index.intValue());
    }

    private static @Nullable Long index(String text) {
        if (text.isEmpty() || text.length() > 9) {
            return null;
        }
        return text.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.valueOf(text) : null;
    }
}
