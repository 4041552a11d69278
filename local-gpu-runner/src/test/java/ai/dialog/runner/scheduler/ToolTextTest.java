package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.logprobsOf;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.ToolBench.BARE;
import static ai.dialog.runner.scheduler.ToolBench.CET;
import static ai.dialog.runner.scheduler.ToolBench.LISTED;
import static ai.dialog.runner.scheduler.ToolBench.TAGGED;
import static ai.dialog.runner.scheduler.ToolBench.ZURICH;
import static ai.dialog.runner.scheduler.ToolBench.ask;
import static ai.dialog.runner.scheduler.ToolBench.bench;
import static ai.dialog.runner.scheduler.ToolBench.callsOf;
import static ai.dialog.runner.scheduler.ToolBench.run;
import static ai.dialog.runner.scheduler.ToolBench.saying;
import static ai.dialog.runner.scheduler.ToolBench.use;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.model.template.ChatTemplate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is text where there are tools, and which requests with tools are refused. */
class ToolTextTest {

    @Test
    void aModelThatWritesNoMarkerGivesPlainText() {
        for (String text : List.of("Hello.", "a < b <tool_", "{\"name\": \"weather\"}", "x \n\n", "é😀")) {
            var chunks = run(ToolTemplates.TAGS, text, ask(ToolChoice.AUTO));
            assertThat(textOf(chunks)).isEqualTo(text);
            assertThat(callsOf(chunks)).isEmpty();
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.STOP);
        }
        var inText = run(ToolTemplates.BARE, "See: " + BARE, ask(ToolChoice.AUTO));
        assertThat(textOf(inText)).isEqualTo("See: " + BARE);
        assertThat(finishesOf(inText)).containsExactly(FinishReason.STOP);
    }

    @Test
    void aMarkerThatIsNotAsciiTakesNoneOfTheTextBeforeIt() {
        String calls = TAGGED.replace("<tool_call>", "<\uff5ctool\u2581call\uff5c>");
        for (String text : List.of("All of this.", "\u00fc", "<\uff5c")) {
            // a stop string of which so much comes that text is still held back where the marker begins
            var request = ask(ToolChoice.AUTO).stop("this.\n<\uff5ctool\u2581call\uff5c!");
            var chunks = run(ToolTemplates.WIDE, text + "\n" + calls, request);
            assertThat(textOf(chunks)).isEqualTo(text);
            assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
        }
        String box = "a <\uff5ctool\u2581box\uff5c>";
        assertThat(textOf(run(ToolTemplates.WIDE, box, ask(ToolChoice.AUTO)))).isEqualTo(box);
    }

    @Test
    void whiteSpaceIsHeldBackOnlySoFar_andTokensThatGiveNoTextAreTold() {
        String space = " ".repeat(300);
        var chunks = run(
                ToolTemplates.TAGS, "a" + space + TAGGED, ask(ToolChoice.AUTO).maxTokens(600));
        assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
        assertThat(textOf(chunks).strip()).isEqualTo("a");
        assertThat(textOf(chunks)).hasSizeBetween(300 - ChoiceText.MAX_SPACE, 310 - ChoiceText.MAX_SPACE);

        int untold = 0;
        for (var chunk : chunks) {
            if (chunk instanceof CompletionChunk.Delta delta && delta.text().isEmpty()) {
                untold = Math.max(untold, delta.tokens());
            }
        }
        assertThat(untold).isBetween(1, 40);
    }

    @Test
    void stopStringsCountInTextOnly() {
        var inCalls = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).stop("city", "tool_call", "}"));
        assertThat(callsOf(inCalls)).isEmpty(); // "<tool_call" was still text when it came
        assertThat(finishesOf(inCalls)).containsExactly(FinishReason.STOP);

        for (ToolChoice choice : List.of(ToolChoice.AUTO, ToolChoice.REQUIRED)) {
            var chunks = run(ToolTemplates.TAGS, TAGGED, ask(choice).stop("city", "}", "name"));
            assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
        }
        var before = run(
                ToolTemplates.TAGS, "One. Two. " + TAGGED, ask(ToolChoice.AUTO).stop("Two"));
        assertThat(textOf(before)).isEqualTo("One. ");
        assertThat(callsOf(before)).isEmpty();
        assertThat(finishesOf(before)).containsExactly(FinishReason.STOP);
    }

    @Test
    void logProbabilitiesAreOfTextOnly() {
        var chunks =
                run(ToolTemplates.TAGS, "So. " + TAGGED, ask(ToolChoice.AUTO).topLogprobs(1));
        assertThat(logprobsOf(chunks)).hasSize("So.".length());
        assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
    }

    @Test
    void textKeepsItsFormWhereThereAreTools() {
        var form = new ResponseFormat.JsonSchema(
                "it", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}");
        var text = run(ToolTemplates.TAGS, "{\"a\": 7}", ask(ToolChoice.AUTO).format(form));
        assertThat(textOf(text)).isEqualTo("{\"a\": 7}");
        assertThat(finishesOf(text)).containsExactly(FinishReason.STOP);

        var calls = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).format(form));
        assertThat(callsOf(calls)).containsExactly(ZURICH, CET);

        var none = run(
                ToolTemplates.TAGS, TAGGED, ask(ToolChoice.NONE).format(form).sampling(Requests.warm(1L)));
        assertThat(callsOf(none)).isEmpty();
        assertThat(textOf(none)).startsWith("{");
    }

    @Test
    void aFormThatCannotBeKeptIsNamed_whateverIsToBeCalled() {
        var format = new ResponseFormat.JsonSchema("it", "{\"not\":{}}");
        var choices = List.of(ToolChoice.AUTO, ToolChoice.REQUIRED, new ToolChoice.Named("time"), ToolChoice.NONE);
        try (var bench = bench(ToolTemplates.TAGS, saying("ok"), 0)) {
            for (ToolChoice choice : choices) {
                var refused = bench.refused(ask(choice).format(format));
                assertThat(refused.param()).as(choice.toString()).isEqualTo("response_format");
                assertThat(refused).hasMessageContaining("'response_format'").hasMessageContaining("'not'");
            }
        }
    }

    @Test
    void whatWasCalledBeforeStandsInThePrompt_withIdsAsTheTemplateTakesThem() {
        var conversation = new Prompt.Conversation(List.of(
                new Prompt.Message("user", "Hi"),
                new Prompt.Message(
                        "assistant",
                        "",
                        List.of(new ToolCall("call_ABCdef123456789", "time", "{\"zone\":\"UTC\"}")),
                        null),
                new Prompt.Message("tool", "noon", List.of(), "call_ABCdef123456789")));
        try (var bench = bench(ToolTemplates.LIST, saying("ok"), 0)) {
            var chunks = bench.run(Requests.prompt(conversation).tools(use(ToolChoice.AUTO)));
            assertThat(textOf(chunks)).isEqualTo("ok");

            var echoed = bench.run(Requests.prompt(conversation).echo().maxTokens(0));
            assertThat(textOf(echoed))
                    .isEqualTo(
                            "user:Hi</s>assistant:[TOOL_CALLS][{\"name\": \"time\", \"arguments\": {\"zone\": \"UTC\"}, "
                                    + "\"id\": \"123456789\"}]</s>tool:noon(time 123456789)</s>assistant:");
        }
    }

    @Test
    void aModelWhoseTemplateHasNoToolsRefusesThem_andConversationsThatHadThem() {
        try (var bench = new Bench(new FakeLanguageModel(saying("ok")))) {
            var tools = bench.refused(ask(ToolChoice.AUTO));
            assertThat(tools).hasMessageContaining("chat template has no tools");
            assertThat(tools.param()).isEqualTo("tools");

            var result = new Prompt.Message("tool", "noon", List.of(), "call_1");
            var history = bench.refused(Requests.prompt(new Prompt.Conversation(List.of(result))));
            assertThat(history).hasMessageContaining("chat template has no tools");
            assertThat(history.param()).isEqualTo("messages");
        }
    }

    @Test
    void whereNoneIsToBeCalled_noCallIsBegun() {
        whereNoneIsToBeCalled(ToolTemplates.TAGS, TAGGED);
        whereNoneIsToBeCalled(ToolTemplates.LIST, LISTED);
    }

    @Test
    void whereNoneIsToBeCalled_theBestTokenIsAskedFor_untilAMarkerIsNear() {
        try (var bench = bench(ToolTemplates.TAGS, saying("So. <tool>"), 0)) {
            bench.run(ask(ToolChoice.NONE));
            assertThat(bench.model.questions).containsOnly("best");
        }
        try (var bench = bench(ToolTemplates.LIST, saying("So."), 0)) {
            bench.run(ask(ToolChoice.NONE));
            assertThat(bench.model.questions).containsOnly("copy");
        }
    }

    private static void whereNoneIsToBeCalled(ChatTemplate template, String calls) {
        var chunks = run(template, "So. " + calls, ask(ToolChoice.NONE).maxTokens(40));
        assertThat(callsOf(chunks)).isEmpty();
        assertThat(textOf(chunks)).startsWith("So. ").doesNotContain("<tool_call>", "weather");

        var plain = run(template, "So. <tool_box>", ask(ToolChoice.NONE));
        assertThat(textOf(plain)).isEqualTo("So. <tool_box>");
        assertThat(finishesOf(plain)).containsExactly(FinishReason.STOP);
    }
}
