package ai.dialog.model.template;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters that prepare text for HTML and URLs. */
final class MarkupFilters {

    private static final Signature XML_ATTR = Signature.of("xmlattr", 0, "autospace");

    private MarkupFilters() {}

    static Map<String, Filter> all() {
        return Map.of(
                "safe", (budget, value, arguments) -> new Markup(counted(budget, value)),
                "escape",
                        (budget, value, arguments) -> {
                            counted(budget, value);
                            return Markup.escape(value);
                        },
                "forceescape", (budget, value, arguments) -> Markup.escape(counted(budget, value)),
                "striptags", (budget, value, arguments) -> stripTags(counted(budget, value)),
                "urlencode", MarkupFilters::urlEncode,
                "xmlattr", MarkupFilters::xmlAttributes,
                "urlize",
                        (budget, value, arguments) -> {
                            throw new TemplateException("the filter urlize is not supported");
                        });
    }

    private static String counted(Budget budget, Object value) {
        String text = Repr.str(value);
        budget.allocate(text.length());
        return text;
    }

    private static Object stripTags(String text) {
        var plain = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            int open = text.indexOf('<', i);
            String close = open >= 0 && text.startsWith("<!--", open) ? "-->" : ">";
            int end = open < 0 ? -1 : text.indexOf(close, open);
            if (end < 0) {
                break;
            }
            plain.append(text, i, open);
            i = end + close.length();
        }
        plain.append(text, i, text.length());
        var words = new ArrayList<String>();
        for (String word : plain.toString().split("[\\s\\x1c-\\x1f]+", -1)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return String.join(" ", words)
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#34;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }

    private static Object urlEncode(Budget budget, Object value, Arguments arguments) {
        Signature.of("urlencode", 0).bind(arguments);
        if (Types.isString(value) || Iteration.iteratorOrNull(value) == null) {
            return quote(counted(budget, value), "/");
        }
        Object pairs = value instanceof PyDict dict ? new DictView(dict, DictView.Kind.ITEMS) : value;
        var parts = new ArrayList<String>();
        for (Object pair : Iteration.list(budget, pairs)) {
            List<Object> keyAndValue = Iteration.list(budget, pair);
            if (keyAndValue.size() != 2) {
                throw new TemplateException("urlencode needs pairs");
            }
            parts.add(query(budget, keyAndValue.get(0)) + "=" + query(budget, keyAndValue.get(1)));
        }
        return String.join("&", parts);
    }

    private static String query(Budget budget, Object value) {
        return quote(counted(budget, value), "").replace("%20", "+");
    }

    private static String quote(String text, String safe) {
        var out = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || safe.indexOf(c) >= 0);
            out.append(plain ? String.valueOf((char) c) : String.format(Locale.ROOT, "%%%02X", c));
        }
        return out.toString();
    }

    private static Object xmlAttributes(Budget budget, Object value, Arguments arguments) {
        var bound = XML_ATTR.bind(arguments);
        if (!(value instanceof PyDict dict)) {
            throw new TemplateException("xmlattr needs a mapping");
        }
        var parts = new ArrayList<String>();
        for (var entry : dict.entries()) {
            if (entry.value() == None.NONE || entry.value() instanceof Undefined) {
                continue;
            }
            String key = Types.text(entry.key());
            if (key.chars().anyMatch(c -> " \t\n\u000b\f\r/>=".indexOf(c) >= 0)) {
                throw new TemplateException("invalid character in attribute name: " + Repr.repr(key));
            }
            counted(budget, entry.value());
            parts.add(Markup.escape(key).text() + "=\""
                    + Markup.escape(entry.value()).text() + "\"");
        }
        boolean space = !parts.isEmpty() && (!bound.has(0) || bound.truth(0));
        return (space ? " " : "") + String.join(" ", parts);
    }
}
