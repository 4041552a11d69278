package ai.dialog.functions.limits;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request can take at most, told from its bytes. */
class EstimateTest {

    @Test
    void noPromptHasMoreTokensThanItsBoundAndNoneMoreThanTheContext() {
        var words = new Prompt.Conversation(List.of(new Prompt.Message("user", "Grüße 😀")));
        assertThat(Estimate.of(LimitedCaller.request(words, 7), 0, null))
                .isEqualTo(new Estimate(512 + 16 + 4 + 12, 7, null));
        assertThat(Estimate.of(LimitedCaller.request(words, 7), 100, null)).isEqualTo(new Estimate(100, 7, null));
        assertThat(Estimate.of(LimitedCaller.request(words, 700), 100, null)).isEqualTo(new Estimate(100, 100, null));
        assertThat(Estimate.of(LimitedCaller.request(new Prompt.Text("é"), 0), 0, null))
                .isEqualTo(new Estimate(18, 0, null));
    }

    @Test
    void toolsAndCallsOfThemAreCountedAsTheJsonThatATemplateWrites() {
        var call = new ToolCall("call_1", "now", "{\"z\":1}");
        var conversation = new Prompt.Conversation(List.of(new Prompt.Message("assistant", "", List.of(call), null)));
        var tool = new Tool("now", "Grüße", "{\"type\":\"object\"}", false);
        var request = CompletionRequest.of(conversation, "tenant")
                .maxTokens(7)
                .tools(new ToolUse(List.of(tool), ToolChoice.AUTO, true))
                .build();
        // each brace and colon may begin a line of its own, each quote be escaped
        long calls = 64 + 6 + 3 + 7 + 3 * 3 + 2;
        long tools = 1024 + 64 + 3 + 7 + 17 + 3 * 3 + 4;
        assertThat(Estimate.of(request, 0, null)).isEqualTo(new Estimate(512 + 16 + 9 + calls + tools, 7, null));
    }

    @Test
    void aResultIsCountedWithItsCallsIdAndItsToolsName() {
        var call = new ToolCall("call_1", "now", "");
        var asked = List.of(new Prompt.Message("assistant", "", List.of(call), null));
        var answered = List.of(asked.getFirst(), new Prompt.Message("tool", "{\"z\":\"ü\\t\"}", List.of(), "call_1"));
        // the two braces and the colon with 3, the four quotes and the backslash with 1
        assertThat(prompt(answered) - prompt(asked)).isEqualTo(16 + 4 + 64 + 6 + 3 + 12 + 3 * 3 + 5);
    }

    /** As Python's json.dumps writes what its json.loads has read, which is what templates are given. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':1e15}|{'a': 1000000000000000.0}",
                "{'a':[-1E15,1.5e15,2]}|{'a': [-1000000000000000.0, 1500000000000000.0, 2]}",
                "[1e15,1e15,1e15,1e15,1e15]|[1000000000000000.0, 1000000000000000.0, 1000000000000000.0,"
                        + " 1000000000000000.0, 1000000000000000.0]",
            })
    void numbersAreCountedAsTheyAreWrittenAgain(String sent, String written) {
        assertThat(result(sent.replace('\'', '"'))).isGreaterThanOrEqualTo(bytes(written));
        assertThat(arguments(sent.replace('\'', '"'))).isGreaterThanOrEqualTo(bytes(written));
    }

    @Test
    void onlyNumbersOutsideStringsThatHaveAPointOrAnExponentCanGrow() {
        long whole = arguments("{\"a\":[125,true,\"1e5 1.5 \\\" 2e\",15]}");
        assertThat(arguments("{\"a\":[1e5,true,\"1e5 1.5 \\\" 2e\",15]}") - whole)
                .isEqualTo(20);
        assertThat(arguments("{\"a\":[125,true,\"1e5 1.5 \\\" 2e\",1.5e3]}") - whole)
                .isEqualTo(3 + 20);
    }

    @Test
    void controlCharactersAreCountedAsTheyAreEscaped() {
        String text = "\t\r\n\b\f\u0000\u001f\u007f\"\\";
        String written = "\\t\\r\\n\\b\\f\\u0000\\u001f\u007f\\\"\\\\";
        assertThat(result(text)).isGreaterThanOrEqualTo(bytes(written)).isEqualTo(10 + 5 + 4 * 5);
        assertThat(arguments(text)).isEqualTo(result(text));
    }

    private static long prompt(List<Prompt.Message> messages) {
        return Estimate.of(LimitedCaller.request(new Prompt.Conversation(messages), 0), 0, null)
                .prompt();
    }

    /** What a result is counted as beyond an empty one. */
    private static long result(String content) {
        return prompt(List.of(new Prompt.Message("tool", content, List.of(), "a")))
                - prompt(List.of(new Prompt.Message("tool", "", List.of(), "a")));
    }

    /** What a call's arguments are counted as. */
    private static long arguments(String json) {
        return prompt(List.of(new Prompt.Message("assistant", "", List.of(new ToolCall("a", "f", json)), null)))
                - prompt(List.of(new Prompt.Message("assistant", "", List.of(new ToolCall("a", "f", "")), null)));
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
