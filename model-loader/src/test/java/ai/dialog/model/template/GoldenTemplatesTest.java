package ai.dialog.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Templates of ours against what Python's Jinja2 made of them, as transformers sets it up; the expected outputs are
 * written by {@code src/test/python/render_templates.py}.
 */
class GoldenTemplatesTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The moment at which the clock of {@code render_templates.py} stands. */
    static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-06T14:05:09.123456Z"), ZoneOffset.UTC);

    private record Case(
            String name,
            String template,
            Map<String, @Nullable Object> variables,
            @Nullable String expected,
            @Nullable String error) {

        void check() {
            if (error == null) {
                assertThat(ChatTemplates.compile(template, CLOCK).render(variables))
                        .isEqualTo(expected);
            } else {
                assertThatThrownBy(() -> ChatTemplates.compile(template, CLOCK).render(variables))
                        .as("Python raises %s", error)
                        .isInstanceOf(TemplateException.class);
            }
        }
    }

    private static List<Case> cases(String file) throws IOException {
        try (var in = GoldenTemplatesTest.class.getResourceAsStream("/templates/cases/" + file + ".json")) {
            return JSON.readValue(in, new TypeReference<List<Case>>() {});
        }
    }

    private static Stream<DynamicTest> tests(String file) throws IOException {
        return cases(file).stream().map(one -> DynamicTest.dynamicTest(one.name(), one::check));
    }

    @TestFactory
    Stream<DynamicTest> whiteSpaceIsControlledAsInPython() throws IOException {
        return tests("whitespace");
    }

    @TestFactory
    Stream<DynamicTest> expressionsGiveWhatPythonGives() throws IOException {
        return tests("expressions");
    }

    @TestFactory
    Stream<DynamicTest> attributesAndItemsAreFoundAsInTheSandbox() throws IOException {
        return tests("lookups");
    }

    @TestFactory
    Stream<DynamicTest> statementsDoWhatTheyDoInPython() throws IOException {
        return tests("statements");
    }

    @TestFactory
    Stream<DynamicTest> filtersGiveWhatPythonGives() throws IOException {
        return tests("filters");
    }

    @TestFactory
    Stream<DynamicTest> testsGiveWhatPythonGives() throws IOException {
        return tests("tests");
    }

    @TestFactory
    Stream<DynamicTest> methodsGiveWhatPythonGives() throws IOException {
        return tests("methods");
    }

    @TestFactory
    Stream<DynamicTest> conversationsRenderAsInPython() throws IOException {
        return tests("chat");
    }

    @Test
    void everyConstructHasACase() throws IOException {
        int count = 0;
        for (String file :
                List.of("whitespace", "expressions", "lookups", "statements", "filters", "tests", "methods", "chat")) {
            count += cases(file).size();
        }
        assertThat(count).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ nosuch.x }}",
                "{{ raise_exception('no') }}",
                "{{ 1 + 'a' }}",
                "{% set a = 1 / 0 %}",
                "{{ | }}"
            })
    void errorsNameTheLine(String tag) {
        assertThatThrownBy(() ->
                        ChatTemplates.compile("one\ntwo\n" + tag + "\nfour").render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageEndingWith("(line 3 of the chat template)")
                .extracting(failure -> ((TemplateException) failure).line())
                .isEqualTo(3);
    }

    @Test
    void raisedMessagesComeFirst() {
        assertThatThrownBy(() -> ChatTemplates.compile("{{ raise_exception('Roles must alternate') }}")
                        .render(Map.of()))
                .hasMessage("Roles must alternate (line 1 of the chat template)");
    }

    @Test
    void theSourceIsKept() {
        assertThat(ChatTemplates.compile("a{{ b }}\n").source()).isEqualTo("a{{ b }}\n");
    }
}
