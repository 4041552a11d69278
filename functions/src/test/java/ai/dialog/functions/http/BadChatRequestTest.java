package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad bodies: each is a 400 that names what was wrong, and reaches no inference. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadChatRequestTest {

    private static final String HI = "{\"role\":\"user\",\"content\":\"hi\"}";

    private GatewayRig rig;

    @BeforeAll
    void start() {
        rig = new GatewayRig();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    private GatewayRig.Answer send(String body) {
        var answer = rig.post("/v1/chat/completions", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error().get("type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(answer.error().get("message").stringValue()).isNotBlank();
        assertThat(answer.error().get("code").stringValue()).isNotBlank();
        assertThat(rig.inference().requests()).isEmpty();
        return answer;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"messages\":[}",
                "{\"messages\":[" + HI + "],}",
                "{'messages':[]}",
                "{\"messages\":[" + HI + "]} {}",
                "{\"messages\":[" + HI + "],\"temperature\":NaN}",
                "{\"messages\":[" + HI + "],\"temperature\":-Infinity}",
                "{\"messages\":[" + HI + "],\"temperature\":01}",
                "{\"messages\":[" + HI + "],\"temperature\":+1}",
                "// comment\n{}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"line\nbreak\"}]}"
            })
    void malformedJson(String body) {
        var answer = send(body);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("invalid_json");
        assertThat(answer.error().get("param").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "1", "\"text\"", "true", "[{\"messages\":[]}]"})
    void aBodyThatIsNoObject(String body) {
        assertThat(send(body).error().get("message").stringValue()).contains("object");
    }

    @Test
    void theSameFieldTwice() {
        var answer = send("{\"messages\":[" + HI + "],\"temperature\":0,\"temperature\":1}");
        assertThat(answer.error().get("message").stringValue())
                .contains("twice")
                .contains("line 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 1000, 100_000})
    void nestingWithoutEnd(int depth) {
        for (String open : List.of("[", "{\"a\":")) {
            var answer = send("{\"messages\":[" + HI + "],\"x\":" + open.repeat(depth));
            assertThat(answer.error().get("message").stringValue()).contains("limit");
        }
    }

    @Test
    void aNumberOfTenThousandDigits() {
        var answer = send("{\"messages\":[" + HI + "],\"seed\":" + "9".repeat(10_000) + "}");
        assertThat(answer.error().get("message").stringValue()).contains("limit");
    }

    @Test
    void moreThanAMillionTokensOfJson() {
        var answer = send("{\"messages\":[" + HI + "],\"x\":[" + "[],".repeat(600_000) + "[]]}");
        assertThat(answer.error().get("message").stringValue()).contains("limit");
    }

    @Test
    void bytesThatAreNoUtf8() {
        var bytes = "{\"messages\":[{\"role\":\"user\",\"content\":\"\u00ff\"}]}".getBytes(StandardCharsets.ISO_8859_1);
        var good = GatewayRig.request("POST", "/v1/chat/completions", "");
        var answer = rig.send(
                new HttpRequest(good.method(), good.path(), good.headers(), "127.0.0.1", ByteBuffer.wrap(bytes)));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("invalid_json");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @MethodSource("badFields")
    void aFieldOfTheWrongTypeOrOutOfRangeIsNamed(String field, String value, String param) {
        var answer = send("{\"messages\":[" + HI + "],\"" + field + "\":" + value + "}");
        assertThat(answer.error().get("param").stringValue()).isEqualTo(param);
        assertThat(answer.error().get("message").stringValue()).contains(param);
    }

    @Test
    void theOlderFormOfToolsNamesTheNewer() {
        var answer = send("{\"messages\":[" + HI + "],\"functions\":[{\"name\":\"f\"}]}");
        assertThat(answer.error().get("message").stringValue()).contains("'tools'");
    }

    static Stream<Arguments> badFields() {
        var bad = new ArrayList<Arguments>();
        numbers(bad, "temperature", "-0.1", "2.1", "1e999", "-1e999", "1e308", "\"1\"", "true", "[]", "{}");
        numbers(bad, "top_p", "0", "-1", "1.1", "1e999", "\"0.5\"");
        numbers(bad, "top_k", "-2", "1.5", "99999999999", "\"5\"", "1e10", "1e-1");
        numbers(bad, "min_p", "-0.1", "1.1", "false");
        numbers(bad, "seed", "1.5", "9223372036854775808", "-9223372036854775809", "\"1\"", "1e19");
        numbers(bad, "n", "0", "-1", "17", "2147483648", "1.1", "\"2\"", "[1]");
        numbers(bad, "max_tokens", "0", "-1", "2147483648", "1e30", "1.5", "\"5\"", "99999999999999999999999");
        numbers(bad, "max_completion_tokens", "0", "-5", "0.5", "true");
        numbers(bad, "presence_penalty", "-2.1", "2.1", "\"0\"");
        numbers(bad, "frequency_penalty", "-2.1", "2.1", "{}");
        numbers(bad, "repetition_penalty", "0", "-1", "10.1", "\"1\"");
        numbers(bad, "min_tokens", "-1", "1.5", "\"1\"");
        numbers(bad, "logprobs", "1", "\"true\"", "0");
        numbers(bad, "top_logprobs", "1", "\"1\"", "2.5");
        numbers(bad, "ignore_eos", "1", "\"true\"");
        numbers(bad, "stream", "1", "\"true\"", "{}", "0");
        numbers(bad, "model", "1", "\"\"", "[]", "\"" + "m".repeat(257) + "\"");
        numbers(bad, "user", "1", "{}");
        numbers(bad, "stop", "1", "\"\"", "{}", "[\"\"]", "\"" + "s".repeat(1001) + "\"");
        numbers(bad, "stop", "[" + "\"s\",".repeat(16) + "\"s\"]");
        bad.add(Arguments.of("stop", "[\"a\",1]", "stop[1]"));
        bad.add(Arguments.of("stop", "[null]", "stop[0]"));
        numbers(bad, "stream_options", "1", "[]", "{\"include_usage\":true}");
        bad.add(Arguments.of("stream_options", "{\"include_usage\":1}", "stream_options.include_usage"));
        numbers(
                bad,
                "logit_bias",
                "1",
                "[]",
                "{\"a\":1}",
                "{\"-1\":1}",
                "{\"\":1}",
                "{\"1.5\":1}",
                "{\"01\":1,\"1\":1}");
        numbers(
                bad,
                "logit_bias",
                "{\"9999999999\":1}",
                "{\"01\":1}",
                "{\"99999999999999999999\":1}",
                "{\" 1\":1}",
                "{\"١\":1}");
        bad.add(Arguments.of("logit_bias", "{\"1\":101}", "logit_bias.1"));
        bad.add(Arguments.of("logit_bias", "{\"1\":-100.5}", "logit_bias.1"));
        bad.add(Arguments.of("logit_bias", "{\"1\":\"5\"}", "logit_bias.1"));
        bad.add(Arguments.of("logit_bias", "{\"1\":null}", "logit_bias.1"));
        bad.add(Arguments.of("logit_bias", "{\"1\":1e999}", "logit_bias.1"));
        numbers(bad, "tools", "[]", "{}", "\"x\"");
        badTool(bad, "1", "");
        badTool(bad, "{}", ".type");
        badTool(bad, "{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}", ".type");
        badTool(bad, "{\"type\":\"function\"}", ".function");
        badTool(bad, "{\"type\":\"function\",\"function\":[]}", ".function");
        badFunction(bad, "{}", "name");
        badFunction(bad, "{\"name\":\"\"}", "name");
        badFunction(bad, "{\"name\":\"a b\"}", "name");
        badFunction(bad, "{\"name\":\"é\"}", "name");
        badFunction(bad, "{\"name\":\"" + "n".repeat(65) + "\"}", "name");
        badFunction(bad, "{\"name\":\"f\",\"description\":1}", "description");
        badFunction(bad, "{\"name\":\"f\",\"strict\":1}", "strict");
        badFunction(bad, "{\"name\":\"f\",\"parameters\":true}", "parameters");
        badFunction(bad, "{\"name\":\"f\",\"parameters\":{\"type\":\"string\"}}", "parameters.type");
        badFunction(bad, "{\"name\":\"f\",\"parameters\":{\"type\":[\"object\"]}}", "parameters.type");
        badFunction(
                bad,
                "{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"title\":\"" + "x".repeat(120_000) + "\"}}",
                "parameters");
        String tool = "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}";
        bad.add(Arguments.of("tools", "[" + tool + "," + tool + "]", "tools[1].function.name"));
        numbers(bad, "tool_choice", "\"auto\"", "\"required\"", "\"f\"", "1", "[]");
        bad.add(Arguments.of("tool_choice", "{}", "tool_choice.type"));
        bad.add(Arguments.of("tool_choice", "{\"type\":\"allowed_tools\"}", "tool_choice.type"));
        bad.add(Arguments.of("tool_choice", "{\"type\":\"function\"}", "tool_choice.function"));
        bad.add(Arguments.of("tool_choice", "{\"type\":\"function\",\"function\":{}}", "tool_choice.function.name"));
        numbers(bad, "tool_choice", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}");
        bad.add(Arguments.of(
                "tools",
                "[" + tool + "],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}",
                "tool_choice.function.name"));
        numbers(bad, "parallel_tool_calls", "1", "\"true\"");
        numbers(bad, "functions", "[{\"name\":\"f\"}]");
        numbers(bad, "function_call", "\"auto\"");
        numbers(bad, "response_format", "\"json\"", "[]");
        bad.add(Arguments.of("response_format", "{}", "response_format.type"));
        bad.add(Arguments.of("response_format", "{\"type\":\"json\"}", "response_format.type"));
        bad.add(Arguments.of("response_format", "{\"type\":\"json_schema\"}", "response_format.json_schema"));
        badSchema(bad, "{\"schema\":{}}", "name");
        badSchema(bad, "{\"name\":\"n\"}", "schema");
        badSchema(bad, "{\"name\":\"a b\",\"schema\":{}}", "name");
        badSchema(bad, "{\"name\":\"n\",\"schema\":true}", "schema");
        badSchema(bad, "{\"name\":\"n\",\"schema\":{},\"strict\":1}", "strict");
        badSchema(bad, "{\"name\":\"n\",\"schema\":{\"const\":1e400}}", "schema");
        badSchema(bad, "{\"name\":\"n\",\"schema\":{\"items\":{\"enum\":[1,-1e999]}}}", "schema");
        badSchema(bad, "{\"name\":\"n\",\"schema\":{\"const\":\"a\\udc00b\"}}", "schema");
        badFunction(
                bad,
                "{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"x\":{\"const\":1e400}}}}",
                "parameters");
        badFunction(
                bad,
                "{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"x\":{\"const\":\"\\ud800\"}}}}",
                "parameters");
        numbers(bad, "modalities", "[\"text\",\"audio\"]", "[\"audio\"]");
        numbers(bad, "audio", "{\"voice\":\"alloy\"}");
        numbers(bad, "prediction", "{\"type\":\"content\"}");
        numbers(bad, "web_search_options", "{}");
        numbers(bad, "reasoning_effort", "\"high\"");
        numbers(bad, "chat_template", "\"{{ messages }}\"");
        numbers(bad, "guided_json", "{}");
        numbers(bad, "grammar", "\"root ::= x\"");
        numbers(bad, "store", "true");
        numbers(bad, "best_of", "3");
        return bad.stream();
    }

    private static void badTool(List<Arguments> bad, String tool, String field) {
        bad.add(Arguments.of("tools", "[" + tool + "]", "tools[0]" + field));
    }

    private static void badFunction(List<Arguments> bad, String function, String field) {
        badTool(bad, "{\"type\":\"function\",\"function\":" + function + "}", ".function." + field);
    }

    private static void badSchema(List<Arguments> bad, String schema, String field) {
        bad.add(Arguments.of(
                "response_format",
                "{\"type\":\"json_schema\",\"json_schema\":" + schema + "}",
                "response_format.json_schema." + field));
    }

    private static void numbers(List<Arguments> bad, String field, String... values) {
        for (String value : values) {
            bad.add(Arguments.of(field, value, field));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badMessages")
    void aBadMessageIsNamed(String messages, String param) {
        var answer = send("{\"messages\":" + messages + "}");
        assertThat(answer.error().get("param").stringValue()).isEqualTo(param);
        assertThat(answer.error().get("message").stringValue()).contains(param);
    }

    static Stream<Arguments> badMessages() {
        return Stream.of(
                Arguments.of("[]", "messages"),
                Arguments.of("null", "messages"),
                Arguments.of("\"hi\"", "messages"),
                Arguments.of("{}", "messages"),
                Arguments.of("[null]", "messages[0]"),
                Arguments.of("[\"hi\"]", "messages[0]"),
                Arguments.of("[" + HI + ",1]", "messages[1]"),
                Arguments.of("[{}]", "messages[0].role"),
                Arguments.of("[{\"content\":\"x\"}]", "messages[0].role"),
                Arguments.of("[{\"role\":1,\"content\":\"x\"}]", "messages[0].role"),
                Arguments.of("[{\"role\":\"User\",\"content\":\"x\"}]", "messages[0].role"),
                Arguments.of("[{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"x\"}]", "messages[0].role"),
                Arguments.of("[{\"role\":\"function\",\"name\":\"f\",\"content\":\"x\"}]", "messages[0].role"),
                Arguments.of("[{\"role\":\"user\"}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":null}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":5}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":{}}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":[]}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":[\"x\"]}]", "messages[0].content[0]"),
                Arguments.of("[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]", "messages[0].content[0].type"),
                Arguments.of(
                        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]",
                        "messages[0].content[1].type"),
                Arguments.of(
                        "[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]",
                        "messages[0].content[0].type"),
                Arguments.of("[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text"),
                Arguments.of(
                        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":1}]}]",
                        "messages[0].content[0].text"),
                Arguments.of("[{\"role\":\"user\",\"content\":\"x\",\"name\":1}]", "messages[0].name"),
                Arguments.of("[{\"role\":\"user\",\"content\":\"\\ud83d\"}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":\"\\ude00x\"}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"user\",\"content\":\"\\ud83dx\"}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"tool\",\"content\":\"x\"}]", "messages[0].tool_call_id"),
                Arguments.of("[{\"role\":\"tool\",\"tool_call_id\":1,\"content\":\"x\"}]", "messages[0].tool_call_id"),
                Arguments.of("[{\"role\":\"tool\",\"tool_call_id\":\"1\"}]", "messages[0].content"),
                Arguments.of(
                        "[{\"role\":\"user\",\"content\":\"x\",\"tool_call_id\":\"1\"}]", "messages[0].tool_call_id"),
                Arguments.of("[{\"role\":\"assistant\",\"content\":null}]", "messages[0].content"),
                Arguments.of("[{\"role\":\"assistant\",\"tool_calls\":[]}]", "messages[0].content"),
                Arguments.of(
                        "[{\"role\":\"assistant\",\"content\":\"x\",\"function_call\":{\"name\":\"f\"}}]",
                        "messages[0].function_call"),
                Arguments.of(
                        "[{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":[%s]}]"
                                .formatted(call("\"1\"", "\"f\"", "\"{}\"")),
                        "messages[0].tool_calls"),
                badCall("{}", ""),
                badCall("[1]", "[0]"),
                badCall("[{\"id\":\"1\"}]", "[0].type"),
                badCall("[{\"id\":\"1\",\"type\":\"custom\"}]", "[0].type"),
                badCall("[{\"id\":\"1\",\"type\":\"function\"}]", "[0].function"),
                badCall("[" + call("1", "\"f\"", "\"{}\"") + "]", "[0].id"),
                badCall("[" + call("\"\"", "\"f\"", "\"{}\"") + "]", "[0].id"),
                badCall("[" + call("\"" + "i".repeat(257) + "\"", "\"f\"", "\"{}\"") + "]", "[0].id"),
                badCall("[" + call("\"1\"", "null", "\"{}\"") + "]", "[0].function.name"),
                badCall("[" + call("\"1\"", "\"a b\"", "\"{}\"") + "]", "[0].function.name"),
                badCall("[" + call("\"1\"", "\"f\"", "{}") + "]", "[0].function.arguments"),
                badCall("[" + (call("\"1\"", "\"f\"", "\"{}\"") + ",").repeat(128) + "1]", "[128]"),
                badCall(manyCalls(129), ""));
    }

    private static Arguments badCall(String calls, String place) {
        return Arguments.of(
                "[{\"role\":\"assistant\",\"tool_calls\":" + calls + "}]", "messages[0].tool_calls" + place);
    }

    private static String call(String id, String name, String arguments) {
        return "{\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":%s}}"
                .formatted(id, name, arguments);
    }

    private static String manyCalls(int count) {
        var calls = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            calls.add(call("\"" + i + "\"", "\"f\"", "\"{}\""));
        }
        return "[" + String.join(",", calls) + "]";
    }

    @Test
    void noMessagesAtAll() {
        assertThat(send("{}").error().get("param").stringValue()).isEqualTo("messages");
    }

    @Test
    void tooManyMessages() {
        var answer = send("{\"messages\":[" + (HI + ",").repeat(4096) + HI + "]}");
        assertThat(answer.error().get("param").stringValue()).isEqualTo("messages");
    }

    @Test
    void fieldsThatContradictEachOther() {
        assertThat(send("{\"messages\":[" + HI + "],\"max_tokens\":3,\"max_completion_tokens\":4}")
                        .error()
                        .get("param")
                        .stringValue())
                .isEqualTo("max_tokens");
        assertThat(send("{\"messages\":[" + HI + "],\"max_tokens\":3,\"min_tokens\":4}")
                        .error()
                        .get("param")
                        .stringValue())
                .isEqualTo("min_tokens");
        assertThat(send("{\"messages\":[" + HI + "],\"logprobs\":true,\"top_logprobs\":21}")
                        .error()
                        .get("param")
                        .stringValue())
                .isEqualTo("top_logprobs");
    }
}
