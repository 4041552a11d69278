package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.TextCompletionRequest;
import ai.dialog.functions.openai.TokenRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** That the OpenAPI document names every field that is read and no other, and that its bounds are the service's. */
class OpenApiFieldsTest {

    private static final ApiContract CONTRACT = ApiContract.DOCUMENT;
    private static final String SCHEMAS = "/components/schemas/";

    /** Values of every type but numbers. */
    private static final List<String> VALUES = List.of(
            "null,true,false,\"\",\" \",\"x\",\"none\",\"medium\",\"text\",[],[null],[\"\"],[\"x\"],[1],[-1],[[1]],[[]],[[],1]",
            "[\"text\"],[\"x\",1],[\"x\",[1,2]],[1,\"x\"],[2147483648],[1.5],[true],[{}],{},{\"type\":\"text\"}",
            "{\"type\":\"json_object\"},{\"include_usage\":null},{\"include_usage\":true},{\"include_usage\":1}",
            "{\"0\":1},{\"01\":1},{\"999999999\":-100},{\"1000000000\":1},{\"x\":1},{\"1\":null},{\"1\":100.5},{\"1\":-101}",
            "[{\"role\":\"user\",\"content\":\"\"}],[{\"role\":\"tool\",\"content\":\"x\"}],[{\"role\":\"user\"}]",
            "[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}],\"name\":null,\"tool_calls\":[]}]",
            "[{\"role\":\"user\",\"content\":[]}],[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"text\":\"x\"}]}]",
            "[{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":[1]}],[{\"role\":\"user\",\"content\":\"x\",\"name\":1}]",
            "[{\"role\":\"user\",\"content\":\"x\",\"audio\":{}}],[{\"role\":\"user\",\"content\":null}]",
            "0,1,1.5",
            "\"auto\",\"required\",{\"type\":\"function\"},{\"type\":\"custom\",\"function\":{\"name\":\"f\"}}",
            "{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"\"}}",
            functions("{}", "{\"name\":\"f\"}", "{\"name\":\"a b\"}", "{\"name\":\"f\",\"strict\":1}"),
            functions("{\"name\":\"f\",\"parameters\":{}}", "{\"name\":\"f\",\"parameters\":{\"type\":\"string\"}}"),
            functions("{\"name\":\"f\",\"parameters\":[]}", "{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}"),
            functions("{\"name\":\"f\",\"description\":1}", "{\"name\":\"f\",\"description\":null,\"strict\":true}"),
            calling("[]", "[1]", "[{\"id\":\"1\"}]", call("\"\"", "\"f\"", "\"{}\""), call("1", "\"f\"", "\"{}\"")),
            calling(call("\"1\"", "\"f\"", "\"{}\""), call("\"1\"", "\"a b\"", "\"{}\""), call("\"1\"", "\"f\"", "{}")),
            "[{\"role\":\"user\",\"content\":\"x\",\"tool_calls\":" + call("\"1\"", "\"f\"", "\"{}\"") + "}]",
            "[{\"role\":\"tool\",\"tool_call_id\":1,\"content\":\"x\"}],[{\"role\":\"assistant\",\"content\":null}]",
            "[{\"role\":\"user\",\"tool_call_id\":\"1\",\"content\":\"x\"}],[{\"role\":\"tool\",\"tool_call_id\":\"1\"}]");

    /** For fields of numbers: the neighbours of every bound that one has, and a value of every other type. */
    private static final List<String> NUMBERS = List.of(
            "null,true,\"1\",[1],{}",
            "0,1,-1,-2,2,3,0.5,-0.5,1.5,2.5,-2.5,10,10.5,11,15,16,17,20,21,100,-100,101,604800,604801",
            "0.001,-0.001,1.001,2.001,-2.001,10.001,5e-324,2147483647,2147483648,-2147483648",
            "9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809,12345678901.5");

    /** For fields that may have one value or two. */
    private static final String FIXED_VALUES =
            "null,true,false,0,1,\"\",\"none\",\"medium\",\"high\",[],[\"text\"],[\"audio\"],{},{\"type\":\"text\"}";

    /** The fields whose length has a bound. */
    private static final Set<String> LONG = Set.of("messages", "prompt", "model", "stop", "tools");

    private static final List<String> LONG_VALUES = List.of(
            TestServer.quoted("x".repeat(256)),
            TestServer.quoted("x".repeat(257)),
            TestServer.quoted("😀".repeat(256)),
            TestServer.quoted("x".repeat(1000)),
            TestServer.quoted("😀".repeat(1000)),
            TestServer.quoted("x".repeat(1001)),
            "[" + "\"x\",".repeat(15) + "\"x\"]",
            "[" + "\"x\",".repeat(16) + "\"x\"]",
            "[" + "\"x\",".repeat(127) + "\"x\"]",
            "[" + "\"x\",".repeat(128) + "\"x\"]",
            "[" + "{\"role\":\"user\",\"content\":\"x\"},".repeat(4095) + "{\"role\":\"user\",\"content\":\"x\"}]",
            "[" + "{\"role\":\"user\",\"content\":\"x\"},".repeat(4096) + "{\"role\":\"user\",\"content\":\"x\"}]",
            numbered(128),
            numbered(129));

    private static String numbered(int tools) {
        return IntStream.range(0, tools)
                .mapToObj(i -> "{\"type\":\"function\",\"function\":{\"name\":\"f" + i + "\"}}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** One tool of each of these functions. */
    private static String functions(String... functions) {
        return Stream.of(functions)
                .map(function -> "[{\"type\":\"function\",\"function\":" + function + "}]")
                .collect(Collectors.joining(","));
    }

    /** A conversation in which an assistant makes each of these calls. */
    private static String calling(String... calls) {
        return Stream.of(calls)
                .map(made -> "[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":" + made + "}]")
                .collect(Collectors.joining(","));
    }

    private static String call(String id, String name, String arguments) {
        return "[{\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":%s}}]"
                .formatted(id, name, arguments);
    }

    @TempDir
    static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyFieldThatIsReadIsDescribedAndNoOther() {
        var part = new Asked("{\"type\":\"text\",\"text\":\"x\"}");
        var message = new Asked("{\"role\":\"user\"}");
        message.putArray("content").add(part);
        var streamOptions = new Asked("{}");
        var call = new Asked("{\"id\":\"1\",\"type\":\"function\"}");
        var called = new Asked("{\"name\":\"f\",\"arguments\":\"{}\"}");
        call.set("function", called);
        var caller = new Asked("{\"role\":\"assistant\"}");
        caller.putArray("tool_calls").add(call);
        var tool = new Asked("{\"type\":\"function\"}");
        var function = new Asked("{\"name\":\"f\"}");
        tool.set("function", function);
        var choice = new Asked("{\"type\":\"function\"}");
        choice.putObject("function").put("name", "f");
        var chat = new Asked("{\"stream\":true}");
        chat.putArray("messages").add(message).add(caller);
        chat.putArray("tools").add(tool);
        chat.set("tool_choice", choice);
        chat.set("stream_options", streamOptions);
        var text = new Asked("{\"prompt\":\"x\"}");
        var token = new Asked("{}");

        ChatCompletionRequest.read(chat);
        TextCompletionRequest.read(text);
        TokenRequest.read(token);

        assertThat(chat.names).isEqualTo(properties("ChatCompletionRequest").keySet());
        assertThat(message.names).isEqualTo(properties("ChatMessage").keySet());
        assertThat(call.names).isEqualTo(properties("ToolCall").keySet());
        assertThat(called.names)
                .isEqualTo(properties("ToolCall/properties/function").keySet());
        assertThat(tool.names).isEqualTo(properties("Tool").keySet());
        assertThat(function.names)
                .isEqualTo(properties("Tool/properties/function").keySet());
        assertThat(choice.names).isEqualTo(properties("ToolChoice/anyOf/1").keySet());
        assertThat(part.names).isEqualTo(properties("TextPart").keySet());
        assertThat(streamOptions.names).isEqualTo(properties("StreamOptions").keySet());
        assertThat(text.names).isEqualTo(properties("CompletionRequest").keySet());
        assertThat(token.names).isEqualTo(properties("TokenRequest").keySet());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/chat/completions   | ChatCompletionRequest | {"messages":[{"role":"user","content":"x"}]}
            /v1/completions        | CompletionRequest     | {"prompt":"x"}
            /v1/tokens             | TokenRequest          | {}
            /functions/token       | TokenRequest          | {}
            """)
    void aValueIsTakenWhereTheDocumentAllowsItAndRefusedWhereNot(String path, String schema, String least) {
        var wrong = new ArrayList<String>();
        int taken = 0;
        int refused = 0;
        for (var property : properties(schema).entrySet()) {
            var field = property.getKey();
            for (var value : values(field, property.getValue())) {
                var body = (ObjectNode) TestServer.json(least);
                body.set(field, value);
                fitting(body, field, value);
                boolean allowed = CONTRACT.errors(SCHEMAS + schema, body).isEmpty();
                int status = server.post(path, body.toString()).statusCode();
                boolean fits = allowed ? status == 200 || (status == 404 && field.equals("model")) : status == 400;
                if (!fits) {
                    wrong.add("%s: %.200s is %d and should be %s".formatted(field, value, status, allowed ? 200 : 400));
                }
                taken += allowed ? 1 : 0;
                refused += allowed ? 0 : 1;
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(taken).isGreaterThan(properties(schema).size());
        assertThat(refused).isGreaterThan(properties(schema).size());
    }

    @Test
    void everyExampleIsWhatItIsAnExampleOf() {
        var seen = new ArrayList<String>();
        visit("", CONTRACT.json(), seen);

        assertThat(seen).hasSizeGreaterThan(10);
    }

    private static void visit(String pointer, JsonNode node, List<String> seen) {
        if (node.has("schema") && node.has("examples")) {
            node.path("examples").propertyStream().forEach(example -> {
                seen.add(pointer + " " + example.getKey());
                assertThat(CONTRACT.errors(
                                pointer + "/schema", example.getValue().path("value")))
                        .as("%s %s", pointer, example.getKey())
                        .isEmpty();
            });
        }
        node.propertyStream()
                .forEach(field -> visit(pointer + "/" + field.getKey().replace("/", "~1"), field.getValue(), seen));
    }

    /** What the document says in words alone, because JSON Schema has none for it: a value that follows from another. */
    private static void fitting(ObjectNode body, String field, JsonNode value) {
        if (field.equals("tool_choice")) {
            body.set("tools", TestServer.json(functions("{\"name\":\"f\"}")));
        }
        if (field.equals("messages") && value.path(0).path("tool_calls").isArray()) {
            var messages = (ArrayNode) body.path("messages");
            for (var call : value.path(0).path("tool_calls")) {
                messages.addObject()
                        .put("role", "tool")
                        .put("content", "x")
                        .put("tool_call_id", call.path("id").asString("1"));
            }
        }
        if (field.equals("best_of") && body.has("prompt")) {
            body.set("n", value);
        }
    }

    private static List<JsonNode> values(String field, JsonNode schema) {
        var values = new ArrayList<JsonNode>();
        if (schema.has("enum") || schema.path("type").asString("").equals("null")) {
            TestServer.json("[" + FIXED_VALUES + "]").forEach(values::add);
            return values;
        }
        var type = schema.path("type").toString();
        var rows = type.contains("integer") || type.contains("number") ? NUMBERS : VALUES;
        rows.forEach(row -> TestServer.json("[" + row + "]").forEach(values::add));
        if (LONG.contains(field)) {
            LONG_VALUES.forEach(value -> values.add(TestServer.json(value)));
        }
        return values;
    }

    /** The properties of a schema and of those that it includes. */
    private static Map<String, JsonNode> properties(String schema) {
        var properties = new LinkedHashMap<String, JsonNode>();
        var node = CONTRACT.json().at(SCHEMAS + schema);
        node.path("properties").propertyStream().forEach(field -> properties.put(field.getKey(), field.getValue()));
        for (var part : node.path("allOf")) {
            var name = part.path("$ref").asString();
            properties.putAll(properties(name.substring(name.lastIndexOf('/') + 1)));
        }
        return properties;
    }

    /** An object that remembers which of its fields were asked for. */
    private static final class Asked extends ObjectNode {

        private static final long serialVersionUID = 1L;

        final transient Set<String> names = new LinkedHashSet<>();

        Asked(String content) {
            super(JsonNodeFactory.instance);
            setAll((ObjectNode) TestServer.json(content));
        }

        @Override
        public @Nullable JsonNode get(String name) {
            names.add(name);
            return super.get(name);
        }
    }
}
