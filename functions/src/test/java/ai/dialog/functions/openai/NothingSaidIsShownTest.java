package ai.dialog.functions.openai;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** A framework that logs its arguments (Spring Cloud Function does at DEBUG) writes down nothing of a conversation. */
class NothingSaidIsShownTest {

    private static final String SAID = "canary-4711";

    static Stream<Object> whatIsLogged() {
        var json = new JsonMapper();
        var chat = ChatCompletionRequest.read(json.readTree("""
                {"messages": [{"role": "user", "content": "canary-4711"}], "stop": "canary-4711", "user": "canary-4711"}
                """));
        var text = TextCompletionRequest.read(json.readTree("""
                {"prompt": ["canary-4711"], "stop": "canary-4711", "user": "canary-4711"}
                """));
        var tools = ChatCompletionRequest.read(json.readTree("""
                {"messages": [{"role": "assistant", "tool_calls": [{"id": "canary-4711", "type": "function",
                 "function": {"name": "canary-4711", "arguments": "canary-4711"}}]},
                 {"role": "tool", "tool_call_id": "canary-4711", "content": "canary-4711"}],
                 "tools": [{"type": "function", "function": {"name": "canary-4711", "description": "canary-4711",
                 "parameters": {"title": "canary-4711"}}}],
                 "tool_choice": {"type": "function", "function": {"name": "canary-4711"}}}
                """));
        var call = new ToolCall(SAID, SAID, SAID);
        var use = new ToolUse(List.of(new Tool(SAID, SAID, SAID, false)), new ToolChoice.Named(SAID), true);
        var message = new ChatCompletion.Message("assistant", SAID, List.of(new ChatToolCall(SAID, SAID, SAID)), null);
        var delta = new ChatCompletionChunk.Delta(null, SAID);
        return Stream.of(
                chat,
                chat.messages(),
                tools,
                tools.messages(),
                Objects.requireNonNull(tools.tools()),
                Objects.requireNonNull(tools.toolChoice()),
                message.toolCalls(),
                ChatToolCall.Piece.more(0, SAID),
                call,
                use,
                use.choice(),
                new CompletionChunk.ToolCallDelta(0, 0, SAID, SAID, SAID, 1),
                new Prompt.Message("assistant", SAID, List.of(call), SAID),
                text,
                text.prompts(),
                new ChatCompletion(
                        "id",
                        ChatCompletion.OBJECT,
                        1,
                        "model",
                        List.of(new ChatCompletion.Choice(0, message, null, "stop")),
                        CompletionUsage.of(1, 1, 0),
                        null),
                message,
                new ChatCompletionChunk(
                        "id",
                        ChatCompletionChunk.OBJECT,
                        1,
                        "model",
                        null,
                        List.of(new ChatCompletionChunk.Choice(0, delta, null, null)),
                        null,
                        false),
                delta,
                new TextCompletion(
                        "id",
                        TextCompletion.OBJECT,
                        1,
                        "model",
                        null,
                        List.of(new TextCompletion.Choice(0, SAID, null, null)),
                        null,
                        false),
                new Prompt.Text(SAID),
                new Prompt.Conversation(List.of(new Prompt.Message("user", SAID))),
                CompletionRequest.of(new Prompt.Text(SAID), "tenant")
                        .stop(List.of(SAID))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("whatIsLogged")
    void whatIsLoggedHasNothingThatWasSaid(Object logged) {
        assertThat(logged.toString()).doesNotContain(SAID).isNotBlank();
    }
}
