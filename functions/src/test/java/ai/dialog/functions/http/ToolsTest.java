package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionChunk.ToolCallDelta;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.functions.inference.Usage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** Tools as they are asked for, and calls of them as they are answered: whole, and in pieces. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ToolsTest {

    private static final String TOOLS = """
            "tools":[{"type":"function","function":{"name":"weather","description":"Of a place.","strict":true,\
            "parameters":{"type":"object","properties":{"z":{"type":"string"},"a":{"minimum":0.5}}}}},\
            {"type":"function","function":{"name":"now"}},\
            {"type":"function","function":{"name":"any","parameters":{"$ref":"#/$defs/x"}}}]""";

    private static final String HI = "{\"role\":\"user\",\"content\":\"hi\"}";
    private static final String CALL =
            "{\"id\":\"%s\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"z\\\": 1}\"}}";
    private static final String RESULT = "{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":\"rain\"}";

    private GatewayRig rig;

    @BeforeAll
    void start() {
        rig = new GatewayRig();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @BeforeEach
    void reset() {
        rig.inference().reset();
    }

    private GatewayRig.Answer chat(String more) {
        return rig.post("/v1/chat/completions", "{\"messages\":[" + HI + "]," + more + "}");
    }

    private GatewayRig.Answer converse(String... messages) {
        return rig.post("/v1/chat/completions", "{\"messages\":[" + String.join(",", messages) + "]}");
    }

    private static String calls(String... ids) {
        var calls = new ArrayList<String>();
        for (String id : ids) {
            calls.add(CALL.formatted(id));
        }
        return "{\"role\":\"assistant\",\"tool_calls\":[" + String.join(",", calls) + "]}";
    }

    private ToolUse asked() {
        return rig.inference().lastRequest().tools();
    }

    private void answerWith(CompletionChunk... chunks) {
        rig.inference()
                .behave(request -> Flux.just(chunks).concatWithValues(new CompletionChunk.Total(new Usage(9, 7, 0))));
    }

    private static JsonNode choice(GatewayRig.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().get("choices").get(0);
    }

    @Test
    void toolsReachTheInferenceInTheirOrderWithTheirSchemas() {
        assertThat(chat(TOOLS).status()).isEqualTo(200);

        assertThat(asked())
                .isEqualTo(new ToolUse(
                        List.of(
                                new Tool(
                                        "weather",
                                        "Of a place.",
                                        "{\"type\":\"object\",\"properties\":{\"z\":{\"type\":\"string\"},\"a\":{\"minimum\":0.5}}}",
                                        true),
                                new Tool("now", null, Tool.NO_PARAMETERS, false),
                                new Tool("any", null, "{\"$ref\":\"#/$defs/x\",\"type\":\"object\"}", false)),
                        ToolChoice.AUTO,
                        true));
    }

    @Test
    void whatMayBeDoneWithThemReachesItToo() {
        chat(TOOLS + ",\"tool_choice\":\"none\"");
        assertThat(asked().choice()).isEqualTo(ToolChoice.NONE);
        assertThat(asked().tools()).hasSize(3);
        chat(TOOLS + ",\"tool_choice\":\"auto\",\"parallel_tool_calls\":true");
        assertThat(asked().choice()).isEqualTo(ToolChoice.AUTO);
        assertThat(asked().parallel()).isTrue();
        chat(TOOLS + ",\"tool_choice\":\"required\",\"parallel_tool_calls\":false");
        assertThat(asked().choice()).isEqualTo(ToolChoice.REQUIRED);
        assertThat(asked().parallel()).isFalse();
        chat(TOOLS + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"now\"}}");
        assertThat(asked().choice()).isEqualTo(new ToolChoice.Named("now"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"tools\":null", "\"tool_choice\":\"none\"", "\"tool_choice\":null,\"parallel_tool_calls\":true"
            })
    void withoutToolsThereIsNothingToCall(String more) {
        assertThat(chat(more).status()).isEqualTo(200);
        assertThat(asked()).isEqualTo(ToolUse.NOTHING);
    }

    @Test
    void aFormMayStandBesideTools() {
        assertThat(chat(TOOLS + ",\"response_format\":{\"type\":\"json_object\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void callsAreAnsweredWhole() {
        answerWith(
                new ToolCallDelta(0, 0, "call_1", "weather", "", 5),
                new ToolCallDelta(0, 0, null, null, "{\"z\":", 1),
                new ToolCallDelta(0, 0, null, null, "\"é\"}", 1),
                new ToolCallDelta(0, 1, "call_2", "now", "{}", 3),
                new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));

        var choice = choice(chat(TOOLS));

        assertThat(choice.toString()).isEqualTo("""
                {"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function",\
                "function":{"name":"weather","arguments":"{\\"z\\":\\"é\\"}"}},{"id":"call_2","type":"function",\
                "function":{"name":"now","arguments":"{}"}}],"refusal":null},"logprobs":null,"finish_reason":"tool_calls"}""");
    }

    @Test
    void textBeforeACallStaysText_andAnAnswerWithoutCallsHasNone() {
        answerWith(
                new CompletionChunk.Delta(0, "Let me see.", List.of()),
                new ToolCallDelta(0, 0, "call_1", "now", "{}", 3),
                new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));
        assertThat(choice(chat(TOOLS)).get("message").get("content").stringValue())
                .isEqualTo("Let me see.");

        rig.inference().reset();
        assertThat(choice(chat(TOOLS)).get("message").toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":\"The capital is Paris.\",\"refusal\":null}");
    }

    @Test
    void callsAreStreamedAsOpenAiDoes() {
        answerWith(
                new ToolCallDelta(0, 0, "call_1", "weather", "{\"z\":", 5),
                new ToolCallDelta(0, 0, null, null, "1}", 1),
                new ToolCallDelta(0, 1, "call_2", "now", "", 3),
                new ToolCallDelta(0, 1, null, null, "{}", 1),
                new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));

        var deltas = chat(TOOLS + ",\"stream\":true").chunks().stream()
                .map(chunk -> chunk.get("choices").get(0))
                .map(choice -> choice.get("delta") + " " + choice.get("finish_reason"))
                .toList();

        assertThat(deltas)
                .containsExactly(
                        "{\"role\":\"assistant\"} null",
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]} null",
                        "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"z\\\":\"}}]} null",
                        "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]} null",
                        "{\"tool_calls\":[{\"index\":1,\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"\"}}]} null",
                        "{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}}]} null",
                        "{} \"tool_calls\"");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCallThatWasAskedForByNameEndsWithStop(boolean stream) {
        answerWith(
                new ToolCallDelta(0, 0, "call_1", "now", "{}", 3),
                new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS));

        var answer = chat(TOOLS + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"now\"}},\"stream\":"
                + stream);

        assertThat(answer.text()).contains("\"finish_reason\":\"stop\"").doesNotContain("\"finish_reason\":\"tool");
    }

    @Test
    void aCallThatWasCutOffSaysSo() {
        answerWith(
                new ToolCallDelta(0, 0, "call_1", "weather", "{\"z", 3),
                new CompletionChunk.Finish(0, FinishReason.LENGTH));

        var choice = choice(chat(TOOLS));

        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
        assertThat(choice.at("/message/tool_calls/0/function/arguments").stringValue())
                .isEqualTo("{\"z");
    }

    @Test
    void anInferenceThatBreaksTheContractIsAnErrorNotAnAnswer() {
        var end = new CompletionChunk.Finish(0, FinishReason.TOOL_CALLS);
        var wrongs = List.of(
                List.of(end),
                List.of(new ToolCallDelta(0, 0, null, null, "{}", 1), end),
                List.of(new ToolCallDelta(0, 1, "call_1", "now", "{}", 1), end),
                List.of(
                        new ToolCallDelta(0, 0, "call_1", "now", "{}", 1),
                        new ToolCallDelta(0, 1, null, null, "{}", 1),
                        end));
        for (var wrong : wrongs) {
            answerWith(wrong.toArray(CompletionChunk[]::new));
            assertThat(chat(TOOLS).status()).as(wrong.toString()).isEqualTo(500);
            assertThat(chat(TOOLS + ",\"stream\":true").text())
                    .contains("\"internal_error\"")
                    .doesNotContain("[DONE]");
        }
        answerWith(new ToolCallDelta(0, 0, "call_1", "now", "{}", 1), end);
        assertThat(chat("\"tool_choice\":\"none\"").status()).isEqualTo(500);
        assertThat(chat(TOOLS + ",\"tool_choice\":\"none\"").status()).isEqualTo(500);
        assertThat(rig.post("/v1/completions", "{\"prompt\":\"x\"}").status()).isEqualTo(500);
    }

    @Test
    void callsAndTheirResultsAreTurnsOfAConversation() {
        var answer = converse(
                HI,
                "{\"role\":\"assistant\",\"content\":\"So.\",\"refusal\":null,\"audio\":null,\"function_call\":null,\"tool_calls\":["
                        + CALL.formatted("a") + "," + CALL.formatted("b") + "]}",
                RESULT.formatted("b"),
                "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":[{\"type\":\"text\",\"text\":\"sun\"}]}",
                "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" + CALL.formatted("a") + "]}",
                RESULT.formatted("a"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(rig.inference().lastRequest().prompt())
                .isEqualTo(new Prompt.Conversation(List.of(
                        new Prompt.Message("user", "hi"),
                        new Prompt.Message("assistant", "So.", List.of(call("a"), call("b")), null),
                        new Prompt.Message("tool", "rain", List.of(), "b"),
                        new Prompt.Message("tool", "sun", List.of(), "a"),
                        new Prompt.Message("assistant", "", List.of(call("a")), null),
                        new Prompt.Message("tool", "rain", List.of(), "a"))));
    }

    private static ToolCall call(String id) {
        return new ToolCall(id, "weather", "{\"z\": 1}");
    }

    @Test
    void aResultThatAnswersNoCallAndACallWithoutAResultAreRefused() {
        refused("messages[1].role", "must be a response to a preceding message", HI, RESULT.formatted("a"));
        refused("messages[3].role", "preceding", calls("a"), RESULT.formatted("a"), HI, RESULT.formatted("a"));
        refused("messages", "'b'", calls("a", "b"), RESULT.formatted("a"));
        refused("messages", "'a'", calls("a"), HI);
        refused("messages", "'a'", HI, calls("a"));
        refused("messages[1].tool_call_id", "not found", calls("a"), RESULT.formatted("b"));
        refused("messages[2].tool_call_id", "already", calls("a"), RESULT.formatted("a"), RESULT.formatted("a"));
        refused("messages[0].tool_calls[1].id", "same id", calls("a", "a"), RESULT.formatted("a"));
    }

    private void refused(String param, String why, String... messages) {
        var answer = converse(messages);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error().get("param").stringValue()).isEqualTo(param);
        assertThat(answer.error().get("message").stringValue()).contains(why);
        assertThat(rig.inference().requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"128,200", "129,400"})
    void asManyToolsAsOpenAiTakes(int count, int status) {
        var tools = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            tools.add("{\"type\":\"function\",\"function\":{\"name\":\"t" + i + "\"}}");
        }
        assertThat(chat("\"tools\":[" + String.join(",", tools) + "]").status()).isEqualTo(status);
    }

    @Test
    void toolsThatAreTooLongAreRefused() {
        var tools = new ArrayList<String>();
        for (int i = 0; i < 6; i++) {
            tools.add("{\"type\":\"function\",\"function\":{\"name\":\"t" + i + "\",\"parameters\":{\"title\":\""
                    + "x".repeat(100_000) + "\"}}}");
        }
        assertThat(chat("\"tools\":[" + String.join(",", tools.subList(0, 5)) + "]")
                        .status())
                .isEqualTo(200);
        var answer = chat("\"tools\":[" + String.join(",", tools) + "]");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().get("message").stringValue()).contains("524288 characters");
    }
}
