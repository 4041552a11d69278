package ai.dialog.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.Bounded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A template can neither get out of its sandbox nor take more than its bounds. */
class TemplateBoundsTest {

    private static String render(String template) {
        return ChatTemplates.compile(template).render(Map.of("l", List.of(1, 2), "d", Map.of("a", 1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ l.getClass() }}",
                "{{ l.class.forName('java.lang.Runtime') }}",
                "{{ 'a'.getBytes() }}",
                "{{ d.entrySet() }}",
                "{{ l.items() }}",
                "{{ ''.__class__.__mro__ }}",
                "{{ ''['__class__']['__mro__'] }}",
                "{{ (''|attr('__class__')).__mro__ }}",
                "{{ [''] | map(attribute='__class__.__mro__') | list }}",
                "{{ '{0.__class__.__mro__}'.format('') }}",
                "{{ range.__globals__.x }}",
                "{{ namespace.__init__.__globals__ }}",
                "{{ joiner().__call__() }}",
                "{{ raise_exception.__self__.x }}",
                "{% macro f() %}{% endmacro %}{{ f._func() }}",
                "{% macro f() %}{% endmacro %}{{ f.interpreter.budget }}",
                "{{ l.append(3) }}",
                "{{ d.update({'b': 1}) }}",
                "{{ d.pop('a') }}",
                "{{ l.sort() }}",
                "{% set l.x = 1 %}",
                "{% set d.a = 2 %}",
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}{{ os }}",
                "{{ lipsum.__globals__.os }}",
                "{{ cycler.__init__ }}{{ cycler.__init__.x }}",
                "{{ self.__init__ }}",
                "{{ loop.__class__ }}",
                "{% for x in l %}{{ loop._iterable.x }}{% endfor %}"
            })
    void thereIsNoWayOut(String template) {
        assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
    }

    @Test
    void whatTheCallerGivesIsNeverChanged() {
        var message = new LinkedHashMap<String, @Nullable Object>();
        message.put("role", "user");
        message.put("content", null);
        var messages = new ArrayList<>(List.of(message));
        var template = ChatTemplates.compile("{% set messages = messages + [1] %}{% set ns = namespace(m=messages) %}"
                + "{% set ns.m = [] %}{{ messages }}");
        assertThat(template.render(Map.of("messages", messages))).endsWith("'content': None}, 1]");
        assertThat(messages).hasSize(1);
        assertThat(message).hasSize(2).containsEntry("content", null);
    }

    @Test
    void objectsOfOtherKindsAreRefused() {
        assertThatThrownBy(() -> ChatTemplates.compile("{{ x }}").render(Map.of("x", Thread.currentThread())))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("the variable 'x' holds a Thread, which a template cannot see");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "steps # {% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "steps # {% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
                "steps # {{ range(99999) | map('string') | map('length') | sum }}{% for a in range(9999) %}"
                        + "{{ range(99999) | map('string') | map('length') | sum }}{% endfor %}",
                "range # {{ range(100001) }}",
                "range # {{ range(-9223372036854775807, 9223372036854775807) }}",
                "nests # {% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "nests # {% for n in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "nests # {% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "nests # {% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}"
                        + "{{ ns.l | tojson }}",
                "nests # {% set ns = namespace(l=[], m=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}"
                        + "{% set ns.m = [ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
                "nests # {% set ns = namespace() %}{% set ns.n = ns %}{{ ns }}",
                "output # {% for i in range(99999) %}{{ 'abcdefghij' * 50 }}{% endfor %}",
                "elements # {{ 'a' * 99999999999 }}",
                "elements # {{ [1] * 99999999 }}",
                "elements # {{ ([1, 2] * 10000000) | length }}",
                "elements # {{ 'a'.zfill(99999999) }}",
                "elements # {{ 'a'.ljust(9223372036854775807) }}",
                "elements # {{ 'a'.center(99999999) }}",
                "elements # {{ 'a' | center(99999999) }}",
                "elements # {{ 'a' | indent(99999999, true) }}",
                "elements # {{ '%99999999d' % 1 }}",
                "elements # {{ '%*d' % (99999999, 1) }}",
                "elements # {{ '{:99999999}'.format(1) }}",
                "elements # {{ '{:099999999,}'.format(1) }}",
                "elements # {{ 'a\tb'.expandtabs(99999999) }}",
                "elements # {{ ('a' * 100000).replace('a', 'b' * 100000) }}",
                "elements # {{ ('b' * 10000).join(['a'] * 100000) }}",
                "elements # {{ (['a'] * 100000) | join('b' * 10000) }}",
                "elements # {{ [1] | tojson(indent=99999999) }}",
                "elements # {{ [1] | batch(99999999, 0) | list }}",
                "elements # {{ [1] | slice(99999999) | list }}",
                "elements # {% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "elements # {% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "elements # {% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "elements # {% set ns = namespace(l=[]) %}{% for i in range(9999) %}"
                        + "{% set ns.l = ns.l + ['a' * 1000000] %}{% endfor %}",
                "steps # {% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}"
                        + "{{ ns.l | tojson }}",
                "bits # {{ 2 ** 999999 }}",
                "bits # {{ 2 ** (9 ** 9) }}",
                "bits # {% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
                "digits # {{ 10 ** 4400 }}",
                "precision # {{ '{:.999999f}'.format(1.5) }}",
                "precision # {{ '%.999999f' % 1.5 }}"
            })
    void everyBoundIsNamed(String bound, String template) {
        // Time is not what stops these, not even on a machine that is busy with other things.
        assertThatThrownBy(() -> ChatTemplates.compile(template, Clock.systemUTC(), within(Duration.ofMinutes(1)))
                        .render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(bound)
                .hasMessageContaining("(line 1 of the chat template)");
    }

    private static Limits within(Duration time) {
        var limits = Limits.DEFAULT;
        return new Limits(
                limits.source(),
                limits.parseDepth(),
                limits.depth(),
                limits.steps(),
                time,
                limits.output(),
                limits.text(),
                limits.allocation(),
                limits.range(),
                limits.integerBits());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
                "{% set s = 'ab' * 4999999 %}{% for i in range(99999) %}{% set _ = s.count('b') %}{% endfor %}",
                "{% set s = 'ab' * 999999 %}{% for i in range(99999) %}{% set _ = 'ba' * 9 in s %}{% endfor %}",
                "{% set l = range(99999) | list %}{% for i in l %}{% set _ = -1 in l %}{% endfor %}",
                "{% set l = range(99999) | map('string') | list %}{% for i in l %}{% set _ = l | sort %}{% endfor %}"
            })
    void nothingRunsMuchLongerThanASecond(String template) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
        // Twice the bound of time, and as much again for a machine that is busy with other things.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void printedValuesThatGrowWithoutEndStop() {
        assertThatThrownBy(() -> render("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}"
                        + "{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("bound of 10000000 characters");
    }

    /** Found by fuzzing: each character that is written as an escape took a thousand bytes to write. */
    @Test
    void aPrintedValueOfNothingButEscapesTakesMemoryInProportion() {
        String template = "{% set ns = namespace(x='\u0001\uffff') %}{% for i in range(99) %}"
                + "{% set ns.x = ns.x, ns.x %}{% endfor %}{{ ns.x }}";
        Bounded.run(
                template.length(),
                0,
                128,
                () -> assertThatThrownBy(() -> render(template))
                        .isInstanceOf(TemplateException.class)
                        .hasMessageContaining("bound of 10000000 characters"));
    }

    @Test
    void timeIsBounded() {
        var limits = new Limits(
                1 << 20,
                200,
                1000,
                Long.MAX_VALUE,
                Duration.ofMillis(50),
                1 << 20,
                1 << 20,
                Long.MAX_VALUE,
                100_000,
                1000);
        var template = ChatTemplates.compile(
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                Clock.systemUTC(), limits);
        assertThatThrownBy(() -> template.render(Map.of()))
                .hasMessageContaining("takes longer than 50 ms")
                .hasMessageContaining("(line 1 of the chat template)")
                .isInstanceOfSatisfying(
                        TemplateException.class,
                        cut -> assertThat(cut.isOutOfTime()).isTrue());
        assertThatThrownBy(() -> render("{{ raise_exception('no') }}"))
                .isInstanceOfSatisfying(
                        TemplateException.class,
                        refused -> assertThat(refused.isOutOfTime()).isFalse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{1:", "not ", "-", "a[", "f(", "1 if ", "a|f("})
    void deepNestingOfTheSourceIsRefused(String open) {
        assertThatThrownBy(() -> ChatTemplates.compile("{{ " + open.repeat(10_000)))
                .isInstanceOf(TemplateException.class)
                .hasMessageMatching(".*(nests deeper|chains more|expected|unexpected).*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+1", " and 1", " or 1", "*1", "**1", "|abs", "[0]", ".a", "()", " is defined", " if 1"})
    void longChainsAreRefused(String link) {
        assertThatThrownBy(() -> ChatTemplates.compile("{{ 1" + link.repeat(10_000) + " }}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageMatching(".*(chains more operators than the bound of 200|cannot chain|nests deeper).*");
    }

    @Test
    void deepBlocksAreRefused() {
        assertThatThrownBy(() -> ChatTemplates.compile("{% if 1 %}".repeat(10_000)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nests deeper than the bound of 200");
    }

    @Test
    void longSourcesAreRefused() {
        assertThatThrownBy(() -> ChatTemplates.compile("a".repeat((1 << 20) + 1)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("the template has 1048577 characters, the bound is 1048576");
        assertThat(ChatTemplates.compile("{{ 1 }}".repeat(10_000)).render(Map.of()))
                .hasSize(10_000);
    }

    @Test
    void longLinesOfTokensAreReadInTimeThatGrowsWithTheirLength() {
        long start = System.nanoTime();
        String list = "{{ [" + "1, ".repeat(300_000) + "]|length }}";
        assertThat(ChatTemplates.compile(list).render(Map.of())).isEqualTo("300000");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void oneCompiledTemplateServesManyThreads() throws Exception {
        var template = ChatTemplates.compile(
                "{% set ns = namespace(n=0) %}{% for i in range(n) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}");
        List<Callable<String>> renderings = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            long size = n;
            renderings.add(() -> template.render(Map.of("n", size)));
        }
        try (var threads = Executors.newFixedThreadPool(4)) {
            var results = threads.invokeAll(renderings);
            for (int n = 0; n < results.size(); n++) {
                assertThat(results.get(n).get()).isEqualTo(String.valueOf(n * (n - 1) / 2));
            }
        }
    }

    @Test
    void depthIsBoundedOnVirtualThreadsToo() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var failure = threads.submit(() -> {
                try {
                    return render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}");
                } catch (TemplateException bounded) {
                    return String.valueOf(bounded.getMessage());
                }
            });
            assertThat(failure.get()).contains("nests deeper");
        }
    }

    @Test
    void aConversationIsCompiledAndRenderedInNoTime() {
        var template = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                + "{{ '<|im_start|>system\nBe helpful.<|im_end|>\n' }}{% endif %}"
                + "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
        List<Object> messages = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            messages.add(Map.of(
                    "role", i % 2 == 0 ? "user" : "assistant", "content", "What is the capital of France? ".repeat(8)));
        }
        Map<String, Object> variables = Map.of("messages", messages, "add_generation_prompt", true);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                assertThat(ChatTemplates.compile(template).render(variables).length())
                        .isGreaterThan(2000);
            }
            best = Math.min(best, (System.nanoTime() - start) / 200);
        }
        System.out.printf("compile and render of a conversation of 10 messages: %d µs%n", best / 1000);
        // 90 µs were measured, 7 of them for the rendering; the rest is for a machine that is busy with other things.
        assertThat(best).as("nanoseconds").isLessThan(5_000_000);
    }

    @Test
    void aFileWithATemplateIsReadWithinABound(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("template.jinja"), "{{ l | length }} é");
        assertThat(ChatTemplates.read(file).render(Map.of("l", List.of(1, 2)))).isEqualTo("2 é");

        assertThatThrownBy(() -> ChatTemplates.read(folder.resolve("none")))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("cannot be read");
        Path large = Files.writeString(folder.resolve("large"), " ".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> ChatTemplates.read(large))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("at most 1048576");
    }
}
