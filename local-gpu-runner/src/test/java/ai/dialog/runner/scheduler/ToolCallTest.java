package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.ToolBench.BARE;
import static ai.dialog.runner.scheduler.ToolBench.CET;
import static ai.dialog.runner.scheduler.ToolBench.CONTEXT;
import static ai.dialog.runner.scheduler.ToolBench.LISTED;
import static ai.dialog.runner.scheduler.ToolBench.TAGGED;
import static ai.dialog.runner.scheduler.ToolBench.TOOLS;
import static ai.dialog.runner.scheduler.ToolBench.ZURICH;
import static ai.dialog.runner.scheduler.ToolBench.ask;
import static ai.dialog.runner.scheduler.ToolBench.bench;
import static ai.dialog.runner.scheduler.ToolBench.callsOf;
import static ai.dialog.runner.scheduler.ToolBench.run;
import static ai.dialog.runner.scheduler.ToolBench.saying;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionChunk.ToolCallDelta;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.TemplateException;
import ai.dialog.runner.grammar.Schemas;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of tools, as they come out of the batch: from what a model writes, or would rather not write. */
class ToolCallTest {

    @Test
    void callsInEachForm_whetherRequiredOrNot() {
        for (ToolChoice choice : List.of(ToolChoice.AUTO, ToolChoice.REQUIRED)) {
            var tagged = run(ToolTemplates.TAGS, TAGGED, ask(choice));
            assertThat(callsOf(tagged)).containsExactly(ZURICH, CET);
            assertThat(textOf(tagged)).isEmpty();
            assertThat(finishesOf(tagged)).containsExactly(FinishReason.TOOL_CALLS);

            var listed = run(ToolTemplates.LIST, LISTED, ask(choice));
            assertThat(callsOf(listed)).containsExactly(ZURICH, CET);
            assertThat(textOf(listed)).isEmpty();
            assertThat(finishesOf(listed)).containsExactly(FinishReason.TOOL_CALLS);

            var bare = run(ToolTemplates.BARE, BARE, ask(choice));
            assertThat(callsOf(bare)).containsExactly(ZURICH);
            assertThat(textOf(bare)).isEmpty();
            assertThat(finishesOf(bare)).containsExactly(FinishReason.TOOL_CALLS);
        }
    }

    @Test
    void argumentsComeInPieces_andEveryTokenIsCountedOnce() {
        var chunks = run(ToolTemplates.TAGS, "So.\n\n" + TAGGED, ask(ToolChoice.AUTO));
        var pieces = chunks.stream().filter(ToolCallDelta.class::isInstance).toList();

        assertThat(textOf(chunks)).isEqualTo("So.");
        assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
        // the fake tokenizer has a token for each byte
        assertThat(pieces)
                .hasSize(2 + ZURICH.arguments().length() + CET.arguments().length());
        int told = chunks.stream()
                .mapToInt(chunk -> switch (chunk) {
                    case CompletionChunk.Delta delta -> delta.tokens();
                    case ToolCallDelta piece -> piece.tokens();
                    default -> 0;
                })
                .sum();
        int closing = "}\n</tool_call>".length() + 1;
        assertThat(told + closing).isEqualTo(Requests.usageOf(chunks).completionTokens());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12})
    void whateverTheModelLikes_everyChoiceOfOneThatMustCallHasCallsThatAreValid(int guesses) {
        for (ChatTemplate template : List.of(ToolTemplates.TAGS, ToolTemplates.LIST, ToolTemplates.BARE)) {
            try (var bench = bench(template, ToolBench::anything, guesses)) {
                var chunks = bench.run(ask(ToolChoice.REQUIRED)
                        .sampling(Requests.warm(3L))
                        .choices(3)
                        .maxTokens(1_000)
                        .ignoreEos());
                for (int choice = 0; choice < 3; choice++) {
                    var calls = callsOf(chunks, choice);
                    assertThat(calls).isNotEmpty();
                    calls.forEach(ToolBench::assertValid);
                }
                assertThat(finishesOf(chunks)).containsOnly(FinishReason.TOOL_CALLS);
            }
        }
    }

    @Test
    void theOneThatIsNamedIsCalledOnce_andNeverTwoWhereOneIsAllowed() {
        var named = run(
                ToolTemplates.TAGS, TAGGED, ask(new ToolChoice.Named("time")).sampling(Requests.warm(1L)));
        assertThat(callsOf(named)).hasSize(1);
        assertThat(callsOf(named).getFirst().name()).isEqualTo("time");

        var single = run(ToolTemplates.TAGS, TAGGED, ask(new ToolUse(TOOLS, ToolChoice.AUTO, false)));
        assertThat(callsOf(single)).containsExactly(ZURICH);
        assertThat(finishesOf(single)).containsExactly(FinishReason.TOOL_CALLS);
    }

    @Test
    void guessesChangeNothing() {
        String answer = "weather Zürich weather Zürich " + TAGGED;
        try (var bench = bench(ToolTemplates.TAGS, saying(answer), 12)) {
            var chunks = bench.run(ask(ToolChoice.AUTO));
            assertThat(textOf(chunks)).isEqualTo("weather Zürich weather Zürich");
            assertThat(callsOf(chunks)).containsExactly(ZURICH, CET);
            assertThat(bench.inference.metrics().rightGuesses()).isPositive();
        }
    }

    @Test
    void anAnswerThatIsCutInACallEndsForItsLength_withThePiecesThatCame() {
        int until = TAGGED.indexOf("Z") + 1;
        var chunks = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).maxTokens(until + 1)); // half of the ü
        assertThat(callsOf(chunks)).containsExactly(new ToolBench.Call("weather", "{\"city\": \"Z"));
        assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);

        var inMarker = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).maxTokens(6));
        assertThat(textOf(inMarker)).isEqualTo("<tool_");
        assertThat(textOf(
                        run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.REQUIRED).maxTokens(6))))
                .isEmpty();
    }

    @Test
    void aSchemaThatCannotBeKeptIsRefusedWhereItIsStrict_elseItIsAnyObject() {
        var strict = new Tool("odd", null, "{\"type\":\"object\",\"not\":{}}", true);
        var loose = new Tool("odd", null, "{\"type\":\"object\",\"not\":{}}", false);
        try (var bench = bench(ToolTemplates.TAGS, ToolBench::anything, 0)) {
            var refused = bench.refused(ask(new ToolUse(List.of(strict), ToolChoice.AUTO, true)));
            assertThat(refused.param()).isEqualTo("tools");
            assertThat(refused).hasMessageContaining("'odd'").hasMessageContaining("'not'");

            var chunks = bench.run(
                    ask(new ToolUse(List.of(loose), ToolChoice.REQUIRED, false)).maxTokens(1_000));
            assertThat(Schemas.errors(
                            "{\"type\":\"object\"}", callsOf(chunks).getFirst().arguments()))
                    .isEmpty();
        }
    }

    @Test
    void minTokensMakesMoreCalls_andTheEndIsIgnoredInTextOnly() {
        var chunks = run(
                ToolTemplates.TAGS,
                TAGGED,
                ask(ToolChoice.AUTO).minTokens(TAGGED.length() + 20).maxTokens(1_500));
        assertThat(callsOf(chunks)).hasSizeGreaterThan(2).startsWith(ZURICH, CET);
        callsOf(chunks).forEach(ToolBench::assertValid);

        var ended = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).ignoreEos());
        assertThat(callsOf(ended)).containsExactly(ZURICH, CET);
        assertThat(finishesOf(ended)).containsExactly(FinishReason.TOOL_CALLS);

        var text =
                run(ToolTemplates.TAGS, "ab", ask(ToolChoice.AUTO).ignoreEos().maxTokens(30));
        assertThat(textOf(text)).startsWith("ab");
        assertThat(finishesOf(text)).isNotEqualTo(List.of(FinishReason.STOP));
    }

    @Test
    void aFormThatWasFoundWithoutTheTimeForAllOfIt_isLookedForAgain() {
        var busy = new AtomicBoolean(true);
        var template = slow(ToolTemplates.TAGS, busy);
        try (var bench = bench(template, saying(TAGGED), 0)) {
            assertThat(callsOf(bench.run(ask(ToolChoice.AUTO)))).containsExactly(ZURICH);
            busy.set(false);
            assertThat(callsOf(bench.run(ask(ToolChoice.AUTO)))).containsExactly(ZURICH, CET);
            busy.set(true);
            assertThat(callsOf(bench.run(ask(ToolChoice.AUTO)))).containsExactly(ZURICH, CET);
        }
    }

    /** Has no time for conversations with several calls while the machine is busy. */
    private static ChatTemplate slow(ChatTemplate template, AtomicBoolean busy) {
        return new ChatTemplate() {
            @Override
            public String render(Map<String, ?> variables) {
                String text = template.render(variables);
                if (busy.get() && text.split("<tool_call>", -1).length > 2) {
                    throw TemplateException.outOfTime("too long");
                }
                return text;
            }

            @Override
            public String source() {
                return template.source();
            }
        };
    }

    @Test
    void aPromptThatIsKeptServesRequestsWithTools() {
        var model = new FakeLanguageModel(saying(TAGGED), 6, CONTEXT, false);
        model.template = ToolTemplates.TAGS;
        try (var bench = new Bench(model, new SchedulerSettings(4, 4, 64, null, 0, 1_000_000, 12))) {
            for (int i = 0; i < 3; i++) {
                var chunks = bench.run(ask(ToolChoice.AUTO).choices(2));
                assertThat(callsOf(chunks, 0)).containsExactly(ZURICH, CET);
                assertThat(callsOf(chunks, 1)).containsExactly(ZURICH, CET);
                assertThat(Requests.usageOf(chunks).cachedTokens() > 0).isEqualTo(i > 0);
            }
        }
    }
}
