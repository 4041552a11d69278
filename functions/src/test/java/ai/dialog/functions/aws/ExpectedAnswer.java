package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line of {@code events/expected.json}: what a function answers to an event, however it is called.
 *
 * @param type what its content type begins with; null where it has no body
 * @param code of its error object
 * @param contains a piece of its body
 * @param headers headers that it has, besides
 */
record ExpectedAnswer(
        String event,
        String function,
        int status,
        @Nullable String type,
        @Nullable String code,
        @Nullable String contains,
        @Nullable Map<String, String> headers) {

    private static final Path TEMPLATE = Path.of("../events/template.yaml");

    static List<ExpectedAnswer> all() throws IOException {
        return List.of(JsonMapper.shared()
                .readValue(Files.readString(Path.of("../events/expected.json")), ExpectedAnswer[].class));
    }

    /** The default of one of the template's parameters. */
    static String parameter(String name) throws IOException {
        Matcher found = Pattern.compile(name + ":\\n(?: {4}.*\\n)*? {4}Default: '?(.*?)'?\\n")
                .matcher(Files.readString(TEMPLATE));
        assertThat(found.find()).as(name).isTrue();
        return found.group(1);
    }

    /** Checks the response of a REST proxy integration. */
    void check(JsonNode response) {
        assertThat(response.path("statusCode").asInt(0))
                .as("%s: %s", this, response)
                .isEqualTo(status);
        JsonNode given = response.path("headers");
        String body = response.path("body").asString("");
        if (type == null) {
            assertThat(body).as("%s", this).isEmpty();
        } else {
            assertThat(given.path("content-type").asString("")).as("%s", this).startsWith(type);
        }
        if (headers != null) {
            headers.forEach((name, value) ->
                    assertThat(given.path(name).asString("")).as("%s", this).isEqualTo(value));
        }
        if (code != null) {
            JsonNode error = JsonMapper.shared().readTree(body).path("error");
            assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
            assertThat(error.path("code").asString("")).as("%s", this).isEqualTo(code);
        }
        if (contains != null) {
            assertThat(body).as("%s", this).contains(contains);
        }
    }
}
