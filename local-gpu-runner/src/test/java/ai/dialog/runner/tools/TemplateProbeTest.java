package ai.dialog.runner.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.dialog.model.template.ChatTemplates;
import ai.dialog.runner.grammar.CallForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In which form a model writes calls, found from its template. */
class TemplateProbeTest {

    private static final CallForm TAGS = new CallForm(
            "<tool_call>",
            "\n{\"name\": \"",
            "\", \"arguments\": ",
            "}\n</tool_call>\n<tool_call>\n{\"name\": \"",
            "}\n</tool_call>",
            true);

    private static final CallForm BARE = new CallForm("{\"name\":", " \"", "\", \"parameters\": ", null, "}", false);

    private static final CallForm LIST = new CallForm(
            "[TOOL_CALLS]",
            "[{\"name\": \"",
            "\", \"arguments\": ",
            ", \"id\": \"" + CallForm.ID + "\"}, {\"name\": \"",
            ", \"id\": \"" + CallForm.ID + "\"}]",
            true);

    private static ToolTemplate probe(String template) {
        return new TemplateProbe(
                        ChatTemplates.compile(template),
                        Map.of("bos_token", "<s>", "eos_token", "</s>"),
                        List.of("</s>", "<|im_end|>", "<|eot_id|>", "<|message_sep|>"))
                .result();
    }

    private static String conversation(String assistant) {
        return "{{ tools | tojson if tools }}{% for m in messages %}<|{{ m.role }}|>{% if m.tool_calls %}" + assistant
                + "{% else %}{{ m.content }}{% endif %}</s>{% endfor %}";
    }

    @Test
    void aTemplateWithoutToolsHasNone() {
        var found = probe("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        assertThat(found.showsTools()).isFalse();
        assertThat(found.isUsable()).isFalse();
    }

    @Test
    void aFormWhoseArgumentsAreNoJsonIsNotSupported() {
        var found = probe(conversation(
                "{% for c in m.tool_calls %}<tool_call><function={{ c.function.name }}>{% for k, v in c.function.arguments.items() %}"
                        + "<{{ k }}>{{ v }}</{{ k }}>{% endfor %}</function></tool_call>{% endfor %}"));
        assertThat(found.showsTools()).isTrue();
        assertThat(found.isUsable()).isFalse();
    }

    @Test
    void aTemplateThatTakesArgumentsAsTextOnlyGetsThemSo() {
        var found = probe(
                conversation(
                        "{% for c in m.tool_calls %}<call>{{ c.function.name + '=' + c.function.arguments }}</call>{% endfor %}"));
        assertThat(found.argumentsAreObjects()).isFalse();
        assertThat(found.form()).isEqualTo(new CallForm("<call>", "", "=", "</call><call>", "</call>", true));
    }

    @Test
    void whatWouldEndAnAnswerCannotBeginACall() {
        assertThat(probe(conversation("<|message_sep|>call {{ m.tool_calls[0].function | tojson }}"))
                        .isUsable())
                .isFalse();
    }

    @Test
    void idsAreCutToWhatATemplateTakes_theSameForTheSame() {
        var template = new ToolTemplate(true, LIST, true, true);
        assertThat(template.id("call_0123456789abcdefghijklmn")).isEqualTo("fghijklmn");
        assertThat(template.id("a-1")).isEqualTo("0000000a1");
        assertThat(template.id("Abcdefgh9")).isEqualTo("Abcdefgh9");
        assertThat(new ToolTemplate(true, TAGS, true, false).id("any id")).isEqualTo("any id");
    }

    /** Templates as they are published, which are not in this repository; by what is found in them. */
    @Test
    void publishedTemplates() throws IOException {
        String folder = System.getProperty("ai.dialog.test.templates", System.getenv("AI_DIALOG_TEST_TEMPLATES"));
        assumeThat(folder).as("a folder of published templates").isNotBlank();
        Path templates = Path.of(Objects.requireNonNull(folder));

        for (String name : List.of(
                "Qwen-Qwen2.5-7B-Instruct",
                "Qwen-Qwen3-0.6B",
                "Qwen-QwQ-32B",
                "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
                "NousResearch-Hermes-3-Llama-3.1-8B-tool_use",
                "Bielik-11B-v3.0-Instruct",
                "ibm-granite-granite-4.0",
                "MiMo-VL")) {
            assertThat(form(templates, name)).as(name).isEqualTo(TAGS);
        }
        for (String name : List.of(
                "meta-llama-Llama-3.1-8B-Instruct",
                "meta-llama-Llama-3.2-3B-Instruct",
                "meta-llama-Llama-3.3-70B-Instruct")) {
            assertThat(form(templates, name)).as(name).isEqualTo(BARE);
        }
        assertThat(form(templates, "mistralai-Mistral-Nemo-Instruct-2407")).isEqualTo(LIST);
        assertThat(form(templates, "Mistral-Small-3.2-24B-Instruct-2506"))
                .isEqualTo(new CallForm(
                        "[TOOL_CALLS]", "", "[CALL_ID]" + CallForm.ID + "[ARGS]", "[TOOL_CALLS]", "", true));
        assertThat(form(templates, "mistralai-Ministral-3-14B-Reasoning-2512"))
                .isEqualTo(new CallForm("[TOOL_CALLS]", "", "[ARGS]", "[TOOL_CALLS]", "", true));
        assertThat(probe(Files.readString(templates.resolve("mistralai-Mistral-Nemo-Instruct-2407.jinja")))
                        .shortIds())
                .isTrue();
        for (String name : List.of(
                "Qwen3-Coder",
                "GLM-4.6",
                "google-gemma-4-31B-it",
                "GigaChat3-10B-A1.8B",
                "google-gemma-2-2b-it",
                "HuggingFaceTB-SmolLM3-3B",
                "microsoft-Phi-3.5-mini-instruct")) {
            assertThat(form(templates, name)).as(name).isNull();
        }
    }

    @Test
    void everyPublishedTemplateIsEitherOfAFormOrOfNone() throws IOException {
        String folder = System.getProperty("ai.dialog.test.templates", System.getenv("AI_DIALOG_TEST_TEMPLATES"));
        assumeThat(folder).as("a folder of published templates").isNotBlank();
        var usable = new ArrayList<String>();
        int all = 0;
        try (var files = Files.list(Path.of(Objects.requireNonNull(folder)))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".jinja"))
                    .sorted()
                    .toList()) {
                var found = probe(Files.readString(file));
                all++;
                if (found.isUsable()) {
                    usable.add(String.valueOf(file.getFileName()));
                }
            }
        }
        System.out.printf("calls can be written for %d of %d published templates: %s%n", usable.size(), all, usable);
        assertThat(usable).hasSizeGreaterThanOrEqualTo(23);
    }

    private static @Nullable CallForm form(Path templates, String name) throws IOException {
        return probe(Files.readString(templates.resolve(name + ".jinja"))).form();
    }
}
