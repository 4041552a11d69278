package ai.dialog.runner.tools;

import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.TemplateException;
import ai.dialog.runner.grammar.CallForm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a chat template does with tools, by rendering conversations that call some: what stands around the names and arguments
 * of the calls is the form in which the model has learnt to write them. So a template is known by what it does, whoever wrote it.
 * Not thread-safe.
 */
public final class TemplateProbe {

    private static final String FIRST = "probe_first";
    private static final String SECOND = "probe_second";
    private static final String LONG_ID = "call_abcdefghijklmnopqrstuvwx";
    private static final String SHORT_ID = "abcdefghi";

    /** Begins with a character that no template does. */
    private static final String ANSWER = "\u00B6answer";

    private static final Pattern ARGUMENTS = Pattern.compile("\\{\\s*\"probe_key\"\\s*:\\s*\"probe_value\"\\s*}");

    /** A tag, or the name of a special token. */
    private static final Pattern TAG = Pattern.compile("<[^<>\\s]+>|\\[[A-Z_]+]");

    private static final Pattern JSON = Pattern.compile("\\{\\s*\"[a-z]+\"\\s*:");

    private final ChatTemplate template;
    private final Map<String, ?> variables;
    private final Collection<String> ends;
    private boolean outOfTime;

    /**
     * Of a template.
     *
     * @param variables what it sees besides messages and tools
     * @param ends names of the tokens that end an answer
     */
    public TemplateProbe(ChatTemplate template, Map<String, ?> variables, Collection<String> ends) {
        this.template = template;
        this.variables = Map.copyOf(variables);
        this.ends = ends;
    }

    /** What the template does with tools; costs some renderings. */
    public ToolTemplate result() {
        String shown = render(List.of(user()));
        boolean showsTools = shown != null && shown.contains(FIRST);
        if (!showsTools) {
            return new ToolTemplate(false, null, true, false);
        }
        boolean objects = calls(true, LONG_ID, FIRST) != null || calls(true, SHORT_ID, FIRST) != null;
        boolean shortIds = calls(objects, LONG_ID, FIRST) == null;
        return new ToolTemplate(true, form(objects, shortIds ? SHORT_ID : LONG_ID), objects, shortIds);
    }

    /** Whether the time for a rendering ran out, so that another probe may find more. */
    public boolean isOutOfTime() {
        return outOfTime;
    }

    private @Nullable String calls(boolean objects, String id, String... names) {
        return render(List.of(user(), assistant(objects, id, names)));
    }

    private @Nullable CallForm form(boolean objects, String id) {
        String plain = render(List.of(user(), Map.of("role", "assistant", "content", ANSWER)));
        String one = calls(objects, id, FIRST);
        if (plain == null || one == null || !plain.contains(ANSWER)) {
            return null;
        }
        int begin = common(plain, one);
        Call call = call(one, begin, FIRST, id);
        if (call == null) {
            return null;
        }
        String open = call.before().stripLeading();
        String marker = marker(open);
        String close = close(call.after(), plain.substring(plain.indexOf(ANSWER) + ANSWER.length()));
        if (marker == null || call.middle().isEmpty() || isName(call.middle().charAt(0)) || isEnded(open)) {
            return null;
        }
        return new CallForm(
                marker,
                open.substring(marker.length()),
                call.middle(),
                separator(objects, id, begin, call),
                close,
                !open.startsWith("{"));
    }

    /** What a call was rendered as: the text before its name, between name and arguments, and behind. */
    private record Call(String before, String middle, String after) {}

    private static @Nullable Call call(String text, int from, String name, String id) {
        int named = text.indexOf(name, from);
        Matcher arguments = ARGUMENTS.matcher(text);
        if (named < 0 || !arguments.find(named + name.length())) {
            return null;
        }
        String middle = text.substring(named + name.length(), arguments.start());
        if (middle.contains(name)) {
            return null;
        }
        return new Call(
                withId(text.substring(from, named), id),
                withId(middle, id),
                withId(text.substring(arguments.end()), id));
    }

    private static String withId(String text, String id) {
        return text.replace(id, String.valueOf(CallForm.ID));
    }

    /** What stands between two calls; null where the template takes only one, or writes a second one in another way. */
    private @Nullable String separator(boolean objects, String id, int begin, Call first) {
        String two = calls(objects, id, FIRST, SECOND);
        if (two == null || begin > two.length()) {
            return null;
        }
        Call call = call(two, begin, FIRST, id);
        if (call == null
                || !call.before().equals(first.before())
                || !call.middle().equals(first.middle())) {
            return null;
        }
        Call second = call(call.after(), 0, SECOND, id);
        return second != null && second.middle().equals(first.middle()) ? second.before() : null;
    }

    /** What is behind the arguments, less what is behind every answer. */
    private String close(String after, String behindAnswers) {
        String close = after;
        if (close.endsWith(behindAnswers)) {
            close = close.substring(0, close.length() - behindAnswers.length());
        }
        for (String end : ends) {
            int at = end.isEmpty() ? -1 : close.indexOf(end);
            close = at < 0 ? close : close.substring(0, at);
        }
        return close.stripTrailing();
    }

    /** What shows that calls begin: a tag, or else the beginning of an object. */
    private static @Nullable String marker(String open) {
        for (Pattern pattern : List.of(TAG, JSON)) {
            Matcher matcher = pattern.matcher(open);
            if (matcher.lookingAt()) {
                return matcher.group();
            }
        }
        return null;
    }

    /** Whether an answer would be over before its calls. */
    private boolean isEnded(String open) {
        return ends.stream().anyMatch(end -> !end.isEmpty() && open.contains(end));
    }

    private static boolean isName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-';
    }

    private static int common(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }

    private @Nullable String render(List<Map<String, ?>> messages) {
        var all = new HashMap<String, Object>(variables);
        all.put("messages", messages);
        all.put("tools", List.of(tool(FIRST), tool(SECOND)));
        try {
            return template.render(all);
        } catch (TemplateException refused) {
            outOfTime |= refused.isOutOfTime();
            return null;
        }
    }

    private static Map<String, ?> user() {
        return Map.of("role", "user", "content", "question");
    }

    private static Map<String, ?> assistant(boolean objects, String id, String... names) {
        var calls = new ArrayList<Map<String, ?>>();
        for (String name : names) {
            Object arguments = objects ? Map.of("probe_key", "probe_value") : "{\"probe_key\": \"probe_value\"}";
            var function = new LinkedHashMap<String, Object>();
            function.put("name", name);
            function.put("arguments", arguments);
            calls.add(Map.of("id", id, "type", "function", "function", function));
        }
        return Map.of("role", "assistant", "content", "", "tool_calls", calls);
    }

    private static Map<String, ?> tool(String name) {
        var property = Map.of("type", "string", "description", "a key");
        var function = new LinkedHashMap<String, Object>();
        function.put("name", name);
        function.put("description", "a tool");
        function.put("parameters", Map.of("type", "object", "properties", Map.of("probe_key", property)));
        return Map.of("type", "function", "function", function);
    }
}
