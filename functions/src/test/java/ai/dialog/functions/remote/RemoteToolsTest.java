package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionChunk.ToolCallDelta;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tools asked of another server, and its calls in the manners that such servers have. */
class RemoteToolsTest extends RemoteFixture {

    private static final List<Tool> TOOLS = List.of(
            new Tool("weather", "Of a place.", "{\"type\":\"object\",\"properties\":{\"z\":{},\"a\":{}}}", true),
            new Tool("now", null, Tool.NO_PARAMETERS, false));

    private static CompletionRequest asking(ToolChoice choice, boolean parallel) {
        var call = new ToolCall("call_1", "weather", "{\"z\": 1}");
        return CompletionRequest.of(
                        new Prompt.Conversation(List.of(
                                new Prompt.Message("user", "hi"),
                                new Prompt.Message("assistant", "", List.of(call), null),
                                new Prompt.Message("tool", "rain", List.of(), "call_1"),
                                new Prompt.Message("assistant", "So.", List.of(call), null),
                                new Prompt.Message("tool", "", List.of(), "call_1"))),
                        "t")
                .tools(new ToolUse(TOOLS, choice, parallel))
                .build();
    }

    private String sent(CompletionRequest request) throws IOException {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        inference(server).complete(request).blockLast();
        return server.requests().getFirst().body();
    }

    private List<CompletionChunk> answered(String... events) throws IOException {
        FakeUpstream server = server((request, reply) -> {
            var stream = reply.stream();
            for (String event : events) {
                stream.event(event);
            }
            stream.event(USAGE).event("[DONE]").end();
        });
        var chunks = inference(server)
                .complete(asking(ToolChoice.AUTO, true))
                .skip(1)
                .collectList()
                .block();
        return Objects.requireNonNull(chunks).subList(0, chunks.size() - 1);
    }

    private static String delta(String delta) {
        return "{\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":null}]}".formatted(delta);
    }

    private static String piece(String indexAndId, String name, String arguments) {
        return "{\"tool_calls\":[{%s\"function\":{\"name\":\"%s\",\"arguments\":\"%s\"}}]}"
                .formatted(indexAndId, name, arguments);
    }

    private static String end(String reason) {
        return "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}".formatted(reason);
    }

    @Test
    void toolsAndTheirTurnsAreAskedForAsOpenAiHasThem() throws Exception {
        var body = json(sent(asking(new ToolChoice.Named("now"), false)));

        assertThat(body.get("tools").toString()).isEqualTo("""
                        [{"type":"function","function":{"name":"weather","description":"Of a place.",\
                        "parameters":{"type":"object","properties":{"z":{},"a":{}}},"strict":true}},\
                        {"type":"function","function":{"name":"now",\
                        "parameters":{"type":"object","properties":{},"additionalProperties":false}}}]""");
        assertThat(body.get("tool_choice")).isEqualTo(json("{\"type\":\"function\",\"function\":{\"name\":\"now\"}}"));
        assertThat(body.get("parallel_tool_calls").booleanValue()).isFalse();
        String call =
                "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"z\\\": 1}\"}}";
        assertThat(body.get("messages")).isEqualTo(json("""
                        [{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[CALL]},
                         {"role":"tool","content":"rain","tool_call_id":"call_1"},
                         {"role":"assistant","content":"So.","tool_calls":[CALL]},
                         {"role":"tool","content":"","tool_call_id":"call_1"}]""".replace("CALL", call)));
    }

    @Test
    void theOtherChoicesAreWordsAndWhatIsUsualIsNotSaid() throws Exception {
        assertThat(json(sent(asking(ToolChoice.REQUIRED, true)))
                        .get("tool_choice")
                        .stringValue())
                .isEqualTo("required");
        assertThat(json(sent(asking(ToolChoice.NONE, true))).get("tool_choice").stringValue())
                .isEqualTo("none");
        assertThat(json(sent(asking(ToolChoice.AUTO, true))).propertyNames())
                .contains("tools")
                .doesNotContain("tool_choice", "parallel_tool_calls");
    }

    /** llama-server and OpenAI: id and name first, then pieces of arguments; the finish says so. */
    @Test
    void callsComeInPiecesAfterTheText() throws Exception {
        assertThat(answered(
                        delta("{\"role\":\"assistant\",\"content\":null}"),
                        delta("{\"content\":\"Let me see.\"}"),
                        delta(
                                "{\"tool_calls\":[{\"index\":0,\"id\":\"abc\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}"),
                        delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"z\\\":\"}}]}"),
                        delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}"),
                        delta(
                                "{\"tool_calls\":[{\"index\":1,\"id\":\"def\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]}"),
                        end("tool_calls")))
                .containsExactly(
                        delta(0, "Let me see."),
                        new ToolCallDelta(0, 0, "abc", "weather", "", 1),
                        new ToolCallDelta(0, 0, null, null, "{\"z\":", 1),
                        new ToolCallDelta(0, 0, null, null, "1}", 1),
                        new ToolCallDelta(0, 1, "def", "now", "{}", 1),
                        new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    /** Older versions of vLLM, where the call was asked for by name: each piece has the name and an id of its own, the last no more. */
    @Test
    void anIdAndANameThatAreRepeatedAreToldOnce_andStopAfterACallIsACall() throws Exception {
        assertThat(answered(
                        delta(piece("\"index\":0,\"id\":\"a\",", "now", "{")),
                        delta(piece("\"index\":0,\"id\":\"b\",", "now", "\\\"}\\\\\\\"\\\":1")),
                        delta(piece("\"index\":0,\"id\":\"c\",", "now", "}")),
                        delta(piece("\"index\":0,\"id\":\"d\",", "now", "")),
                        end("stop")))
                .containsExactly(
                        new ToolCallDelta(0, 0, "a", "now", "{", 1),
                        new ToolCallDelta(0, 0, null, null, "\"}\\\"\":1", 1),
                        new ToolCallDelta(0, 0, null, null, "}", 1),
                        new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    @Test
    void completeCallsThatAllHaveTheSameIndexAreToldApartByTheirIds() throws Exception {
        assertThat(answered(
                        delta(piece("\"index\":0,\"id\":\"a\",", "now", "{}")),
                        delta(piece("\"index\":0,\"id\":\"b\",", "now", "{\\\"z\\\":1}")),
                        delta(piece("\"index\":0,\"id\":\"c\",", "weather", "")),
                        delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}"),
                        delta(piece("\"index\":1,\"id\":\"d\",", "now", "{}")),
                        end("tool_calls")))
                .containsExactly(
                        new ToolCallDelta(0, 0, "a", "now", "{}", 1),
                        new ToolCallDelta(0, 1, "b", "now", "{\"z\":1}", 1),
                        new ToolCallDelta(0, 2, "c", "weather", "", 1),
                        new ToolCallDelta(0, 2, null, null, "{}", 1),
                        new ToolCallDelta(0, 3, "d", "now", "{}", 1),
                        new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    @Test
    void piecesWithoutAnIndexThatHaveTheSameIdAreOneCall() throws Exception {
        assertThat(answered(
                        delta(piece("\"id\":\"a\",", "now", "{")),
                        delta(piece("\"id\":\"a\",", "now", "}")),
                        delta(piece("\"id\":\"b\",", "now", "{")),
                        delta("{\"tool_calls\":[{\"id\":\"b\",\"function\":{\"arguments\":\"}\"}}]}"),
                        end("tool_calls")))
                .containsExactly(
                        new ToolCallDelta(0, 0, "a", "now", "{", 1),
                        new ToolCallDelta(0, 0, null, null, "}", 1),
                        new ToolCallDelta(0, 1, "b", "now", "{", 1),
                        new ToolCallDelta(0, 1, null, null, "}", 1),
                        new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    /** Servers that make the calls at once: no index, arguments as JSON, perhaps no id. */
    @Test
    void callsWithoutAnIndexOrAnIdAreCounted() throws Exception {
        var chunks = answered(
                delta(
                        "{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"now\",\"arguments\":{}}},{\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}"),
                end("tool_calls"));

        assertThat(chunks.getFirst()).isEqualTo(new ToolCallDelta(0, 0, "a", "now", "{}", 1));
        assertThat(chunks.get(1)).isInstanceOfSatisfying(ToolCallDelta.class, call -> {
            assertThat(call.index()).isEqualTo(1);
            assertThat(call.id()).matches("call_[0-9a-f]{32}");
            assertThat(call.name()).isEqualTo("weather");
        });
        assertThat(chunks.getLast()).isEqualTo(new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    @Test
    void aCallThatIsCutOffEndsWithLength_andAFinishThatSpeaksOfCallsWithoutAnyWithStop() throws Exception {
        assertThat(answered(
                        delta(
                                "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"now\",\"arguments\":\"{\"}}]}"),
                        end("length")))
                .last()
                .isEqualTo(new CompletionChunk.Finish(0, FinishReason.LENGTH));
        assertThat(answered(HELLO, end("tool_calls")))
                .last()
                .isEqualTo(new CompletionChunk.Finish(0, FinishReason.STOP));
    }

    @Test
    void theScoresOfACallAreNotThoseOfAText() throws Exception {
        assertThat(answered(
                        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]},\"logprobs\":{\"content\":[{\"token\":\"{}\",\"logprob\":-1}]}}]}",
                        end("tool_calls")))
                .hasSize(2)
                .first()
                .isInstanceOf(ToolCallDelta.class);
    }

    /** vLLM, while it keeps back what may be a marker. */
    @Test
    void theScoresOfAMarkerThatIsKeptBackAreNotThoseOfAText() throws Exception {
        assertThat(answered(
                        scored("Hi", "Hi"),
                        scored("", "<tool"),
                        scored("", "_call>"),
                        delta(piece("\"index\":0,\"id\":\"a\",", "now", "{}")),
                        scored("", "</tool_call>"),
                        end("tool_calls")))
                .containsExactly(
                        new CompletionChunk.Delta(0, "Hi", List.of(score("Hi"))),
                        new ToolCallDelta(0, 0, "a", "now", "{}", 1),
                        new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
    }

    @Test
    void theScoresOfATextThatWasKeptBackComeWithIt_butNotThoseOfACallThatIsSentAsAWhole() throws Exception {
        String[] events = new String[70];
        Arrays.fill(events, 0, 66, scored("", "x"));
        events[66] = scored("", "<");
        events[67] = scored("<b>", "b>");
        events[68] = scored("!", "!");
        events[69] = end("stop");

        assertThat(answered(events))
                .containsExactly(
                        new CompletionChunk.Delta(0, "<b>", List.of(score("x"), score("<"), score("b>"))),
                        new CompletionChunk.Delta(0, "!", List.of(score("!"))),
                        new CompletionChunk.Finish(0, FinishReason.STOP));
    }

    private static String scored(String text, String token) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":{\"content\":[{\"token\":\"%s\",\"logprob\":-1}]}}]}"
                .formatted(text, token);
    }

    private static TokenLogprob score(String token) {
        return new TokenLogprob(-1, token, token.chars().boxed().toList(), -1.0, List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}",
                "{\"tool_calls\":[{\"index\":1,\"id\":\"a\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]}",
                "{\"tool_calls\":[{\"index\":-1,\"id\":\"a\",\"function\":{\"name\":\"now\"}}]}",
                "{\"tool_calls\":[{\"index\":99999999999,\"id\":\"a\",\"function\":{\"name\":\"now\"}}]}",
                "{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]}",
                "{\"tool_calls\":[7]}"
            })
    void aCallWithoutABeginningFailsTheAnswer(String delta) throws Exception {
        FakeUpstream server = server((request, reply) ->
                reply.stream().event(delta(delta)).event(STOP).event("[DONE]").end());

        assertThat(failure(inference(server), asking(ToolChoice.AUTO, true)).kind())
                .isEqualTo(InferenceException.Kind.INTERNAL);
    }

    @Test
    void callsWithoutEndFailTheAnswer() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            var stream = reply.stream();
            for (int i = 0; i < 200; i++) {
                stream.event(delta(
                        "{\"tool_calls\":[{\"index\":%d,\"id\":\"a\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]}"
                                .formatted(i)));
            }
            stream.event(STOP).event("[DONE]").end();
        });

        assertThat(failure(inference(server), asking(ToolChoice.AUTO, true)))
                .hasMessage("The model server sent more than 128 calls of tools.");
    }
}
