package ai.dialog.model.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Mutated templates: whatever comes in, what comes out is a text or a {@link TemplateException}, and soon. */
class TemplateFuzzTest {

    private static final int ROUNDS = 20_000;
    private static final long SEED = 20_250_706;

    /** Small bounds, so that a mutation that loops costs little. */
    private static final Limits LIMITS =
            new Limits(1 << 16, 100, 500, 200_000, Duration.ofMillis(500), 100_000, 100_000, 1_000_000, 10_000, 4096);

    private static final List<String> PIECES = List.of(
            "{%",
            "%}",
            "{{",
            "}}",
            "{#",
            "#}",
            "-%}",
            "{%-",
            "{{-",
            "+%}",
            "'",
            "\"",
            "\\",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "|",
            ".",
            ",",
            ":",
            "::",
            "=",
            "==",
            "~",
            "**",
            "//",
            "%",
            " if ",
            " else ",
            " in ",
            " not ",
            " is ",
            "for x in ",
            "endfor",
            "endif",
            "set x = ",
            "macro f(a, b=1)",
            "endmacro",
            "call f()",
            "endcall",
            "loop",
            "caller()",
            "recursive",
            "|tojson",
            "|map('upper')",
            "|sort",
            "|list",
            "|indent",
            "|join",
            "namespace()",
            "range(99)",
            "99999999999999999999",
            "1e308",
            "-1",
            "0",
            "none",
            "messages",
            "m.content",
            "[::-1]",
            "*a",
            "**d",
            "\n",
            "\u00a0",
            "😀",
            "\ud800",
            "__class__",
            "format(",
            "split(",
            "raw",
            "endraw",
            "break",
            "|batch(0)",
            "'%s' %",
            "%(x)s",
            "{:>9}",
            "x.y.z",
            "true",
            "\u0000");

    private record Case(String template, Map<String, @Nullable Object> variables) {}

    @Test
    void mutatedTemplatesFailOnlyAsTemplates() throws IOException {
        var cases = cases();
        var random = new Random(SEED);
        int rendered = 0;
        long slowest = 0;
        for (int i = 0; i < ROUNDS; i++) {
            var one = cases.get(random.nextInt(cases.size()));
            String mutant = mutate(one.template(), cases, random);
            long start = System.nanoTime();
            try {
                ChatTemplates.compile(mutant, Clock.systemUTC(), LIMITS).render(one.variables());
                rendered++;
            } catch (TemplateException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError escaped) {
                throw new AssertionError("round " + i + ": " + mutant, escaped);
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        assertThat(rendered).as("mutants that still render").isGreaterThan(ROUNDS / 50);
        assertThat(Duration.ofNanos(slowest)).as("slowest mutant").isLessThan(Duration.ofSeconds(10));
    }

    private static List<Case> cases() throws IOException {
        var mapper = JsonMapper.builder()
                .disable(tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        var all = new ArrayList<Case>();
        for (String file :
                List.of("whitespace", "expressions", "lookups", "statements", "filters", "tests", "methods", "chat")) {
            try (var in = TemplateFuzzTest.class.getResourceAsStream("/templates/cases/" + file + ".json")) {
                all.addAll(mapper.readValue(in, new TypeReference<List<Case>>() {}));
            }
        }
        return all;
    }

    private static String mutate(String template, List<Case> cases, Random random) {
        var text = new StringBuilder(template);
        int mutations = 1 + random.nextInt(4);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(text.length() + 1);
            int to = Math.min(text.length(), at + random.nextInt(8));
            switch (random.nextInt(6)) {
                case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> text.delete(at, to);
                case 2 -> text.replace(at, to, PIECES.get(random.nextInt(PIECES.size())));
                case 3 -> text.insert(at, text.substring(at, to));
                case 4 -> {
                    String other = cases.get(random.nextInt(cases.size())).template();
                    int from = random.nextInt(other.length() + 1);
                    text.insert(at, other.substring(from, Math.min(other.length(), from + random.nextInt(30))));
                }
                default -> text.insert(at, (char) random.nextInt(0x250));
            }
        }
        return text.toString();
    }
}
