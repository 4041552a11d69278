package ai.dialog.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Published chat templates, which are not in this repository, against the hashes of what Python's Jinja2 made of them
 * with our conversations. The folder of templates is given by the system property {@code ai.dialog.test.templates} or
 * the environment variable {@code AI_DIALOG_TEST_TEMPLATES}.
 */
class PublishedTemplatesTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private record Conversation(String name, Map<String, @Nullable Object> variables) {}

    /** The hash of a template, and by conversation the length and hash of the output, or what Python raises. */
    private record Published(String sha256, Map<String, String> outcomes) {}

    @Test
    void publishedTemplatesRenderByteForByteAsInPython() throws IOException {
        String folder = System.getProperty("ai.dialog.test.templates", System.getenv("AI_DIALOG_TEST_TEMPLATES"));
        assumeThat(folder)
                .as("a folder of published templates: pip download --no-binary :all: llama-cpp-python==0.3.36, unpack,"
                        + " and run with -Dai.dialog.test.templates=…/vendor/llama.cpp/models/templates")
                .isNotBlank();
        var published = read("published.json", new TypeReference<Map<String, Published>>() {});
        var conversations = read("conversations.json", new TypeReference<List<Conversation>>() {});
        var differences = new ArrayList<String>();
        var differing = new TreeSet<String>();
        int compared = 0;
        for (var entry : published.entrySet()) {
            Path file = Path.of(String.valueOf(folder), entry.getKey());
            if (!Files.exists(file)
                    || !sha256(Files.readAllBytes(file)).equals(entry.getValue().sha256())) {
                continue;
            }
            compared++;
            for (var conversation : conversations) {
                var expected = entry.getValue().outcomes().get(conversation.name());
                String difference = difference(Files.readString(file), conversation, expected);
                if (difference != null) {
                    differing.add(entry.getKey());
                    differences.add(entry.getKey() + ", " + conversation.name() + ": " + difference);
                }
            }
        }
        System.out.printf(
                "%d published templates, %d conversations each: %d templates as in Python, different: %s%n",
                compared, conversations.size(), compared - differing.size(), differing);
        assertThat(compared)
                .as("templates in %s that published.json knows", folder)
                .isGreaterThanOrEqualTo(64);
        assertThat(differences).isEmpty();
    }

    private static @Nullable String difference(String template, Conversation conversation, @Nullable String expected) {
        if (expected == null) {
            return "no expected outcome";
        }
        boolean raises = expected.startsWith("raises ");
        String text;
        try {
            text = ChatTemplates.compile(template, GoldenTemplatesTest.CLOCK).render(conversation.variables());
        } catch (TemplateException refused) {
            return raises ? null : "refused: " + refused.getMessage();
        }
        String hash = sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
        String outcome = text.codePointCount(0, text.length()) + " " + hash;
        return outcome.equals(expected) ? null : outcome + ", expected " + expected;
    }

    private static <T> T read(String name, TypeReference<T> type) throws IOException {
        try (var in = PublishedTemplatesTest.class.getResourceAsStream("/templates/" + name)) {
            return JSON.readValue(in, type);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }
}
