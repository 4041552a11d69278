package ai.dialog.runner.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionChunk.ToolCallDelta;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.runner.grammar.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** A scheduler over a model that would say a certain text, and what comes back of calls put together. */
final class ToolBench {

    static final String WEATHER = """
            {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}""";

    static final String TIME = """
            {"type":"object","properties":{"zone":{"enum":["UTC","CET"]}},"required":["zone"],"additionalProperties":false}""";

    static final List<Tool> TOOLS =
            List.of(new Tool("weather", "Tells it.", WEATHER, true), new Tool("time", null, TIME, true));

    static final String TAGGED =
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\"}}\n</tool_call>"
                    + "\n<tool_call>\n{\"name\": \"time\", \"arguments\": {\"zone\": \"CET\"}}\n</tool_call>";

    static final String LISTED =
            "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\"}, \"id\": \"Ab3456789\"},"
                    + " {\"name\": \"time\", \"arguments\": {\"zone\": \"CET\"}, \"id\": \"Xb3456789\"}]";

    static final String BARE = "{\"name\": \"weather\", \"parameters\": {\"city\": \"Zürich\"}}";

    static final int CONTEXT = 2_000;

    /** A call put together again. */
    record Call(String name, String arguments) {}

    static ToolUse use(ToolChoice choice) {
        return new ToolUse(TOOLS, choice, true);
    }

    static Requests.Builder ask(ToolUse use) {
        return Requests.prompt(new Prompt.Conversation(List.of(new Prompt.Message("user", "Hi"))))
                .tools(use)
                .maxTokens(400);
    }

    static Requests.Builder ask(ToolChoice choice) {
        return ask(use(choice));
    }

    /** Says a text behind {@code assistant:}, then ends; where it was made to say something else, anything. */
    static Function<int[], float[]> saying(String answer) {
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

    static float[] anything(int[] tokens) {
        var random = new Random(Arrays.hashCode(tokens));
        var scores = new float[FakeTokenizer.VOCABULARY];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = (float) random.nextGaussian();
        }
        scores['"'] += Math.min(9, tokens.length / 60f);
        return scores;
    }

    static Bench bench(ChatTemplate template, Function<int[], float[]> script, int guesses) {
        var model = new FakeLanguageModel(script, 4, CONTEXT, false);
        model.template = template;
        return new Bench(model, new SchedulerSettings(4, 4, 64, null, 0, 0, guesses));
    }

    static List<CompletionChunk> run(ChatTemplate template, String answer, Requests.Builder request) {
        try (var bench = bench(template, saying(answer), 0)) {
            return bench.run(request);
        }
    }

    /** Checks what holds of the pieces of every call, and puts them together. */
    static List<Call> callsOf(List<CompletionChunk> chunks, int choice) {
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

    static List<Call> callsOf(List<CompletionChunk> chunks) {
        return callsOf(chunks, 0);
    }

    static final Call ZURICH = new Call("weather", "{\"city\": \"Zürich\"}");
    static final Call CET = new Call("time", "{\"zone\": \"CET\"}");

    static void assertValid(Call call) {
        String schema = call.name().equals("weather") ? WEATHER : TIME;
        assertThat(Schemas.errors(schema, call.arguments())).as(call.toString()).isEmpty();
    }

    private ToolBench() {}
}
