package ai.dialog.functions.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/** The records through the wire's mapper, and through one that knows nothing of them. */
class WireTypesTest {

    private final JsonMapper wire = WireJson.mapper(1_000_000);
    private final JsonMapper plain = new JsonMapper();

    private static final ChatCompletionRequest REQUEST = ChatCompletionRequest.about(
                    List.of(new ChatMessage("user", "hi", "Ann"), new ChatMessage("assistant", "yes")))
            .model("m")
            .stream(true)
            .streamOptions(new StreamOptions(true))
            .maxTokens(5)
            .logprobs(true)
            .topLogprobs(2)
            .sampling(new SamplingOptions(
                    0.5, 0.9, 40, 0.1, 7L, List.of("x"), 2, 1.0, -1.0, 1.1, Map.of(42, -100.0), true, 3))
            .user("u")
            .build();

    @Test
    void aRequestIsReadAsItWasWrittenByAnyMapper() {
        for (var mapper : List.of(wire, plain)) {
            String json = mapper.writeValueAsString(REQUEST);
            assertThat(mapper.readValue(json, ChatCompletionRequest.class)).isEqualTo(REQUEST);
        }
    }

    @Test
    void aRequestIsWrittenAsOpenAisClientsWriteIt() {
        assertThat(wire.writeValueAsString(REQUEST)).isEqualTo("""
                        {"model":"m","messages":[{"role":"user","content":"hi","name":"Ann"},\
                        {"role":"assistant","content":"yes"}],"stream":true,"stream_options":{"include_usage":true},\
                        "max_tokens":5,"logprobs":true,"top_logprobs":2,"temperature":0.5,"top_p":0.9,"top_k":40,\
                        "min_p":0.1,"seed":7,"stop":["x"],"n":2,"presence_penalty":1.0,"frequency_penalty":-1.0,\
                        "repetition_penalty":1.1,"logit_bias":{"42":-100.0},"ignore_eos":true,"min_tokens":3,\
                        "user":"u"}""");
    }

    @Test
    void toolsAreReadAsTheyWereWrittenByAnyMapper() {
        String json = """
                {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"","tool_calls":[{"id":"a",\
                "type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"1",\
                "tool_call_id":"a"}],"stream":false,"tools":[{"type":"function","function":{"name":"f",\
                "description":"d","parameters":{"z":1,"a":2},"strict":true}},{"type":"function","function":\
                {"name":"g"}}],"tool_choice":%s,"parallel_tool_calls":false}""";
        for (String choice : List.of("\"required\"", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")) {
            for (var mapper : List.of(wire, plain)) {
                var request = mapper.readValue(json.formatted(choice), ChatCompletionRequest.class);
                assertThat(mapper.readTree(mapper.writeValueAsString(request)))
                        .isEqualTo(mapper.readTree(json.formatted(choice)));
                assertThat(mapper.readValue(mapper.writeValueAsString(request), ChatCompletionRequest.class))
                        .isEqualTo(request);
                assertThat(request.withMessages(request.messages())).isEqualTo(request);
            }
        }
    }

    @Test
    void callsInAnswersAreReadAsTheyWereWritten() {
        var delta = new ChatCompletionChunk.Delta(null, null, List.of(ChatToolCall.Piece.first(0, "a", "f")));
        assertThat(wire.readValue(wire.writeValueAsString(delta), ChatCompletionChunk.Delta.class))
                .isEqualTo(delta);
        var message = new ChatCompletion.Message("assistant", null, List.of(new ChatToolCall("a", "f", "{}")), null);
        assertThat(wire.readValue(wire.writeValueAsString(message), ChatCompletion.Message.class))
                .isEqualTo(message);
    }

    @Test
    void whatIsNotSaidIsNotWritten() {
        assertThat(wire.writeValueAsString(ChatCompletionRequest.of(List.of(new ChatMessage("user", "hi")))))
                .isEqualTo("""
                        {"messages":[{"role":"user","content":"hi"}],"stream":false}""");
    }

    @Test
    void aTextRequestIsReadAsItWasWritten() {
        var request = new TextCompletionRequest(
                null,
                List.of(new TextPrompt.Text("a"), new TextPrompt.Tokens(List.of(1, 2))),
                false,
                null,
                0,
                1,
                true,
                null,
                SamplingOptions.DEFAULTS,
                null);
        String json = wire.writeValueAsString(request);
        assertThat(json).contains("\"prompt\":[\"a\",[1,2]]");
        assertThat(wire.readValue(json, TextCompletionRequest.class)).isEqualTo(request);
    }

    @Test
    void everyMapperIsStrictAboutTypes() {
        assertThatThrownBy(() -> plain.readValue("{\"messages\":[],\"n\":\"1\"}", ChatCompletionRequest.class))
                .isInstanceOf(ValueInstantiationException.class)
                .hasCauseInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("Invalid type for 'n'");
    }

    @Test
    void chunksAreReadAsTheyWereWritten() {
        var chunk = new ChatCompletionChunk(
                "id",
                ChatCompletionChunk.OBJECT,
                1,
                "m",
                null,
                List.of(new ChatCompletionChunk.Choice(
                        0,
                        new ChatCompletionChunk.Delta(null, "x"),
                        ChatLogprobs.of(List.of(new ChatLogprobs.TokenEntry("x", -1, List.of(120), List.of()))),
                        "stop")),
                CompletionUsage.of(1, 2, 0),
                false);
        String json = wire.writeValueAsString(chunk);
        assertThat(json).contains("\"usage\":{\"prompt_tokens\":1").containsOnlyOnce("usage");
        assertThat(wire.readValue(json, ChatCompletionChunk.class)).isEqualTo(chunk);
        var text = new TextCompletion(
                "id",
                TextCompletion.OBJECT,
                1,
                "m",
                "fp",
                List.of(new TextCompletion.Choice(0, "x", null, null)),
                CompletionUsage.of(1, 2, 0),
                false);
        assertThat(wire.readValue(wire.writeValueAsString(text), TextCompletion.class))
                .isEqualTo(text);
    }

    @Test
    void anotherServersChunksAreRead() {
        var chunk = wire.readValue("""
                {"id":"c","object":"chat.completion.chunk","created":5,"model":"m","service_tier":"x","usage":null,
                "choices":[{"index":0,"delta":{"content":"hi","tool_calls":null},"finish_reason":null,"stop_reason":1}]}
                """, ChatCompletionChunk.class);
        assertThat(chunk.usage()).isNull();
        assertThat(chunk.choices().getFirst().delta().content()).isEqualTo("hi");
    }

    @Test
    void aTokenIsNeverInALogLine() {
        assertThat(new TokenResponse("secret", "Bearer", 1, 2, "id").toString()).doesNotContain("secret");
    }
}
