package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.logprobsOf;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionChunk.ToolCallDelta;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.runner.grammar.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of tools, as they come out of the batch: from what a model writes, or would rather not write. */
class ToolCallTest {

    private static final String WEATHER = """
            {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}""";

    private static final String TIME = """
            {"type":"object","properties":{"zone":{"enum":["UTC","CET"]}},"required":["zone"],"additionalProperties":false}""";

    private static final List<Tool> TOOLS =
            List.of(new Tool("weather", "Tells it.", WEATHER, true), new Tool("time", null, TIME, true));

    private static final String TAGGED =
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\"}}\n</tool_call>"
                    + "\n<tool_call>\n{\"name\": \"time\", \"arguments\": {\"zone\": \"CET\"}}\n</tool_call>";

    private static final String LISTED =
            "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\"}, \"id\": \"Ab3456789\"},"
                    + " {\"name\": \"time\", \"arguments\": {\"zone\": \"CET\"}, \"id\": \"Xb3456789\"}]";

    private static final String BARE = "{\"name\": \"weather\", \"parameters\": {\"city\": \"Zürich\"}}";

    private static final int CONTEXT = 2_000;

    /** A call put together again. */
    private record Call(String name, String arguments) {}

    private static ToolUse use(ToolChoice choice) {
        return new ToolUse(TOOLS, choice, true);
    }

    private static Requests.Builder ask(ToolUse use) {
        return Requests.prompt(new Prompt.Conversation(List.of(new Prompt.Message("user", "Hi"))))
                .tools(use)
                .maxTokens(400);
    }

    private static Requests.Builder ask(ToolChoice choice) {
        return ask(use(choice));
    }

    /** Says a text behind {@code assistant:}, then ends; where it was made to say something else, anything. */
    private static Function<int[], float[]> saying(String answer) {
        var tokenizer = new FakeTokenizer(false);
        int[] begin = tokenizer.encode("assistant:", false);
        int[] said = tokenizer.encode(answer, false);
        return tokens -> {
            int from = tokens.length;
            while (from > begin.length && !Arrays.equals(tokens, from - begin.length, from, begin, 0, begin.length)) {
                from--;
            }
            int length = tokens.length - from;
            boolean asSaid = length <= said.length && Arrays.equals(tokens, from, tokens.length, said, 0, length);
            if (!asSaid) {
                return anything(tokens);
            }
            return FakeLanguageModel.sure(length < said.length ? said[length] : FakeTokenizer.EOS);
        };
    }

    private static float[] anything(int[] tokens) {
        var random = new Random(Arrays.hashCode(tokens));
        var scores = new float[FakeTokenizer.VOCABULARY];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = (float) random.nextGaussian();
        }
        scores['"'] += Math.min(9, tokens.length / 60f);
        return scores;
    }

    private static Bench bench(ChatTemplate template, Function<int[], float[]> script, int guesses) {
        var model = new FakeLanguageModel(script, 4, CONTEXT, false);
        model.template = template;
        return new Bench(model, new SchedulerSettings(4, 4, 64, null, 0, 0, guesses));
    }

    private static List<CompletionChunk> run(ChatTemplate template, String answer, Requests.Builder request) {
        try (var bench = bench(template, saying(answer), 0)) {
            return bench.run(request);
        }
    }

    /** Checks what holds of the pieces of every call, and puts them together. */
    private static List<Call> callsOf(List<CompletionChunk> chunks, int choice) {
        var calls = new ArrayList<Call>();
        var ids = new ArrayList<String>();
        for (var chunk : chunks) {
            if (chunk instanceof ToolCallDelta piece && piece.choice() == choice) {
                String name = piece.name();
                if (name == null) {
                    assertThat(piece.id()).isNull();
                    Call last = calls.removeLast();
                    calls.add(new Call(last.name(), last.arguments() + piece.arguments()));
                } else {
                    assertThat(piece.index()).isEqualTo(calls.size());
                    assertThat(piece.id()).matches("call_[A-Za-z0-9]{24}");
                    assertThat(ids).doesNotContain(piece.id());
                    ids.add(String.valueOf(piece.id()));
                    calls.add(new Call(name, piece.arguments()));
                }
                assertThat(piece.index()).isEqualTo(calls.size() - 1);
            }
        }
        return calls;
    }

    private static List<Call> callsOf(List<CompletionChunk> chunks) {
        return callsOf(chunks, 0);
    }

    private static final Call ZURICH = new Call("weather", "{\"city\": \"Zürich\"}");
    private static final Call CET = new Call("time", "{\"zone\": \"CET\"}");

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

    @ParameterizedTest
    @ValueSource(ints = {0, 12})
    void whateverTheModelLikes_everyChoiceOfOneThatMustCallHasCallsThatAreValid(int guesses) {
        for (ChatTemplate template : List.of(ToolTemplates.TAGS, ToolTemplates.LIST, ToolTemplates.BARE)) {
            try (var bench = bench(template, ToolCallTest::anything, guesses)) {
                var chunks = bench.run(ask(ToolChoice.REQUIRED)
                        .sampling(Requests.warm(3L))
                        .choices(3)
                        .maxTokens(1_000)
                        .ignoreEos());
                for (int choice = 0; choice < 3; choice++) {
                    var calls = callsOf(chunks, choice);
                    assertThat(calls).isNotEmpty();
                    calls.forEach(ToolCallTest::assertValid);
                }
                assertThat(finishesOf(chunks)).containsOnly(FinishReason.TOOL_CALLS);
            }
        }
    }

    private static void assertValid(Call call) {
        String schema = call.name().equals("weather") ? WEATHER : TIME;
        assertThat(Schemas.errors(schema, call.arguments())).as(call.toString()).isEmpty();
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
        assertThat(callsOf(chunks)).containsExactly(new Call("weather", "{\"city\": \"Z"));
        assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);

        var inMarker = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).maxTokens(6));
        assertThat(textOf(inMarker)).isEqualTo("<tool_");
        assertThat(textOf(
                        run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.REQUIRED).maxTokens(6))))
                .isEmpty();
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
    void aSchemaThatCannotBeKeptIsRefusedWhereItIsStrict_elseItIsAnyObject() {
        var strict = new Tool("odd", null, "{\"type\":\"object\",\"not\":{}}", true);
        var loose = new Tool("odd", null, "{\"type\":\"object\",\"not\":{}}", false);
        try (var bench = bench(ToolTemplates.TAGS, ToolCallTest::anything, 0)) {
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
    void whereNoneIsToBeCalled_noCallIsBegun() {
        whereNoneIsToBeCalled(ToolTemplates.TAGS, TAGGED);
        whereNoneIsToBeCalled(ToolTemplates.LIST, LISTED);
    }

    private static void whereNoneIsToBeCalled(ChatTemplate template, String calls) {
        var chunks = run(template, "So. " + calls, ask(ToolChoice.NONE).maxTokens(40));
        assertThat(callsOf(chunks)).isEmpty();
        assertThat(textOf(chunks)).startsWith("So. ").doesNotContain("<tool_call>", "weather");

        var plain = run(template, "So. <tool_box>", ask(ToolChoice.NONE));
        assertThat(textOf(plain)).isEqualTo("So. <tool_box>");
        assertThat(finishesOf(plain)).containsExactly(FinishReason.STOP);
    }

    @Test
    void minTokensMakesMoreCalls_andTheEndIsIgnoredInTextOnly() {
        var chunks = run(
                ToolTemplates.TAGS,
                TAGGED,
                ask(ToolChoice.AUTO).minTokens(TAGGED.length() + 20).maxTokens(1_500));
        assertThat(callsOf(chunks)).hasSizeGreaterThan(2).startsWith(ZURICH, CET);
        callsOf(chunks).forEach(ToolCallTest::assertValid);

        var ended = run(ToolTemplates.TAGS, TAGGED, ask(ToolChoice.AUTO).ignoreEos());
        assertThat(callsOf(ended)).containsExactly(ZURICH, CET);
        assertThat(finishesOf(ended)).containsExactly(FinishReason.TOOL_CALLS);

        var text =
                run(ToolTemplates.TAGS, "ab", ask(ToolChoice.AUTO).ignoreEos().maxTokens(30));
        assertThat(textOf(text)).startsWith("ab");
        assertThat(finishesOf(text)).isNotEqualTo(List.of(FinishReason.STOP));
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
