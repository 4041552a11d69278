package ai.dialog.cloud.settings;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values by name, as CDK's context has them: text, numbers and flags from {@code -c name=value}, also lists from
 * {@code cdk.json}. Each is checked as it is read; a refusal names the setting.
 */
final class Context {

    private final Function<String, @Nullable Object> values;

    Context(Function<String, @Nullable Object> values) {
        this.values = values;
    }

    /** The text, or null where nothing or only blanks are given. */
    @Nullable
    String given(String name) {
        Object value = values.apply(name);
        if (value == null) {
            return null;
        }
        // A list in cdk.json is as good as commas on the command line.
        String text = value instanceof List<?> list
                ? String.join(",", list.stream().map(Object::toString).toList())
                : value.toString();
        return text.isBlank() ? null : text.strip();
    }

    String text(String name, String otherwise) {
        String text = given(name);
        return text == null ? otherwise : text;
    }

    List<String> parts(String name, String otherwise) {
        return Arrays.stream(text(name, otherwise).split(",", -1))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    int number(String name, int otherwise, int least, int most) {
        String text = text(name, Integer.toString(otherwise));
        if (!text.matches("\\d{1,9}")) {
            throw refused(name, "'" + text + "' is no whole number");
        }
        int value = Integer.parseInt(text);
        if (value < least || value > most) {
            throw refused(name, value + " must be from " + least + " to " + most);
        }
        return value;
    }

    boolean flag(String name, boolean otherwise) {
        return choice(name, Boolean.toString(otherwise), List.of("true", "false"))
                .equals("true");
    }

    String choice(String name, String otherwise, List<String> choices) {
        String text = text(name, otherwise);
        if (!choices.contains(text)) {
            throw refused(name, "'" + text + "' is none of " + String.join(", ", choices));
        }
        return text;
    }

    /** An address of a server, without a credential in it; null where none is given. */
    @Nullable
    URI server(String name) {
        String text = given(name);
        if (text == null) {
            return null;
        }
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException malformed) {
            // without the text: it may hold a password
            throw refused(name, "is no address");
        }
        String scheme = String.valueOf(uri.getScheme());
        if (!List.of("http", "https").contains(scheme) || uri.getHost() == null) {
            throw refused(name, "must be http:// or https:// and a host");
        }
        if (uri.getRawUserInfo() != null) {
            throw refused(name, "must not hold a user name or password");
        }
        return uri;
    }

    /** A text of a pattern; null where none is given. */
    @Nullable
    String matching(String name, String pattern, String rule) {
        String text = given(name);
        if (text != null && !text.matches(pattern)) {
            throw refused(name, "'" + text + "' " + rule);
        }
        return text;
    }

    static IllegalArgumentException refused(String name, String why) {
        return new IllegalArgumentException(name + ": " + why);
    }
}
