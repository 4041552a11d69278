package ai.dialog.model.template;

import ai.dialog.model.Bounded;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Any text as a chat template, and any others as the conversation, with the character U+001E between: it renders, or fails
 * with a {@link TemplateException}.
 */
class ChatTemplateFuzzTest {

    private static final List<String> ROLES = List.of("system", "user", "assistant");

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    /** As the engine's own, but of every amount a tenth or less, so that a case that goes to a bound costs little. */
    private static final Limits LIMITS =
            new Limits(1 << 16, 100, 300, 100_000, Duration.ofMillis(500), 100_000, 100_000, 1_000_000, 10_000, 4096);

    /** The million elements of all values, at most 48 bytes each (an entry of a dict), and what the steps need. */
    @FuzzTest(maxDuration = "10m")
    void anyTemplateRendersOrIsRefused(byte[] data) {
        String[] parts = new String(data, StandardCharsets.UTF_8).split("\u001e", -1);
        var messages = new ArrayList<Map<String, String>>();
        for (int i = 1; i < parts.length; i++) {
            messages.add(Map.of("role", ROLES.get(i % ROLES.size()), "content", parts[i]));
        }
        var variables = Map.of(
                "messages", messages, "add_generation_prompt", true, "bos_token", "<s>", "eos_token", "</s>", "n", 7L);
        Bounded.run(data.length, 1024, 128, () -> {
            try {
                String text = ChatTemplates.compile(parts[0], CLOCK, LIMITS).render(variables);
                if (text.length() > LIMITS.output()) {
                    throw new AssertionError("the output has " + text.length() + " characters");
                }
            } catch (TemplateException refused) {
                if (refused.getMessage() == null) {
                    throw new AssertionError("the message is missing", refused);
                }
            }
        });
    }
}
