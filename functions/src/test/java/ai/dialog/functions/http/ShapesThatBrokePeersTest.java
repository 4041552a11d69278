package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.Bounded;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests whose shape has crashed, stopped or opened other servers of the same API. Most values out of range are in
 * {@link BadChatRequestTest}, forged tokens in {@code TokensTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShapesThatBrokePeersTest {

    private static final String CHAT = "/v1/chat/completions";
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

    @BeforeEach
    void reset() {
        rig.inference().reset();
    }

    /** A refusal that costs no more than reading the body, and reaches no inference. */
    private void refused(String field, String value) {
        String body = "{\"messages\":[" + HI + "],\"" + field + "\":" + value + "}";
        var answer = new GatewayRig.Answer[1];
        Bounded.run(body.getBytes(StandardCharsets.UTF_8).length, 256, 16, () -> answer[0] = rig.post(CHAT, body));
        assertThat(answer[0].status()).as(answer[0].text()).isEqualTo(400);
        assertThat(answer[0].text()).hasSizeLessThan(1_000);
        assertThat(rig.inference().requests()).isEmpty();
    }

    /** Counts that others add to, multiply or allocate by: llama.cpp CVE-2026-21869 (a negative one), vLLM (best_of, n). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "2147483648",
                "4294967296",
                "9223372036854775807",
                "9223372036854775808",
                "1e400",
                "-1e400",
                "1.5",
                "NaN",
                "Infinity",
                "\"12\"",
                "\"1e400\"",
                "[]",
                "{}",
                "true",
                "0x10",
                "1_000"
            })
    void aCountThatIsNone(String value) {
        for (String field : List.of("n", "max_tokens", "max_completion_tokens", "min_tokens", "top_logprobs")) {
            refused(field, value);
        }
    }

    @Test
    void aNumberOfAMillionDigits() {
        refused("seed", "1".repeat(1_000_000));
        refused("temperature", "0." + "1".repeat(1_000_000));
        refused("max_tokens", "1e" + "9".repeat(50));
    }

    @Test
    void aHundredThousandBiases() {
        var entries = new StringBuilder("{");
        for (int i = 0; i < 100_000; i++) {
            entries.append('"').append(i).append("\":1,");
        }
        refused("logit_bias", entries + "\"100000\":1}");
    }

    @Test
    void stopsWithoutEnd() {
        refused("stop", "[" + "\"a\",".repeat(100_000) + "\"a\"]");
        refused("stop", "\"" + "a".repeat(1_000_000) + "\"");
        refused("stop", "[" + "\"\",".repeat(15) + "\"\"]");
    }

    /** vLLM CVE-2025-48944 and others: what is to be compiled is refused by its name, and nobody looks what is in it. */
    @ParameterizedTest
    @MethodSource("grammars")
    void aGrammarIsRefusedAndNeverCompiled(String field, String value) {
        refused(field, value);
    }

    static Stream<Arguments> grammars() {
        // schemas are looked into where the grammar is made, and met there by shapes of the same kind
        String deep = "{\"properties\":{\"a\":".repeat(20) + "{}" + "}}".repeat(20);
        String wide = "{\"enum\":[" + "\"x\",".repeat(100_000) + "\"x\"]}";
        String tool = "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":%s}}]";
        String pattern = "{\"type\":\"string\",\"pattern\":\"(a|a)*(a+)+$\"}";
        return Stream.of(
                Arguments.of(
                        "response_format",
                        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":" + wide + "}}"),
                Arguments.of("response_format", "{\"type\":\"structural_tag\",\"structures\":[]}"),
                Arguments.of("tools", tool.formatted(pattern)),
                Arguments.of("tools", tool.formatted("{\"type\":\"\"}")),
                Arguments.of("tools", tool.formatted("{\"type\":{},\"pattern\":7}")),
                Arguments.of("tools", tool.formatted(wide)),
                Arguments.of("tools", "[" + "{},".repeat(100_000) + "{}]"),
                Arguments.of("tool_choice", "\"" + "x".repeat(1_000_000) + "\""),
                Arguments.of("guided_regex", "\"((a{1,1000}){1,1000}){1,1000}\""),
                Arguments.of("guided_regex", "\"[\""),
                Arguments.of("guided_json", deep),
                Arguments.of("guided_choice", "[" + "\"x\",".repeat(100_000) + "\"x\"]"),
                Arguments.of("guided_grammar", "\"root ::= root root\""),
                Arguments.of("structured_outputs", "{\"regex\":\"(a+)+$\"}"),
                Arguments.of("grammar", "\"root ::= root | root\""),
                Arguments.of("chat_template", "\"{% for i in range(10**9) %}{% endfor %}\""),
                Arguments.of("chat_template_kwargs", "{\"messages\":[]}"));
    }

    /**
     * Names that mean something to a binder, a polymorphic deserialiser, a script engine or a gateway (LiteLLM
     * CVE-2024-6587: {@code api_base}): here each is a name that nobody knows, and the request is the same without it.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"__proto__\":{\"temperature\":2}",
                "\"constructor\":{\"prototype\":{\"n\":9}}",
                "\"class\":{\"module\":{\"classLoader\":{\"resources\":{}}}}",
                "\"class.module.classLoader.URLs[0]\":\"http://127.0.0.1:1/\"",
                "\"@type\":\"java.lang.ProcessBuilder\"",
                "\"@class\":\"javax.naming.InitialContext\"",
                "\"@c\":\".Runtime\"",
                "\"$type\":\"System.Diagnostics.Process\"",
                "\"!!java.lang.Runtime\":{}",
                "\"sampling\":{\"temperature\":9,\"n\":9}",
                "\"tenant\":\"somebody-else\"",
                "\"principal\":{\"scopes\":[\"tokens\"]}",
                "\"deadline\":\"9999-12-31T23:59:59Z\"",
                "\"api_base\":\"http://127.0.0.1:1/\"",
                "\"base_url\":\"http://127.0.0.1:1/\"",
                "\"api_key\":\"sk-other\"",
                "\"metadata\":{\"user_api_key\":\"x\"}",
                "\"litellm_params\":{\"api_base\":\"http://127.0.0.1:1/\"}",
                "\"spring.cloud.function.definition\":\"token\"",
                "\"${jndi:ldap://127.0.0.1:1/a}\":\"${jndi:ldap://127.0.0.1:1/a}\"",
                "\"#{T(java.lang.Runtime).getRuntime()}\":1",
                "\"n_discard\":-1",
                "\"slot_id\":-1"
            })
    void anUnknownFieldThatReachesNothing(String field) {
        var plain = rig.post(CHAT, "{\"messages\":[" + HI + "],\"seed\":1}");
        var asked = rig.inference().lastRequest();
        var answer = rig.post(CHAT, "{\"messages\":[" + HI + "],\"seed\":1," + field + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("choices")).isEqualTo(plain.json().get("choices"));
        assertThat(rig.inference().lastRequest())
                .usingRecursiveComparison()
                .ignoringFields("deadline")
                .isEqualTo(asked);
    }

    @Test
    void namesThatAllHaveTheSameHash() {
        var fields = new StringBuilder();
        for (int i = 0; i < 1 << 14; i++) {
            for (int bit = 0; bit < 14; bit++) {
                fields.append((i >> bit & 1) == 0 ? (bit == 0 ? ",\"Aa" : "Aa") : (bit == 0 ? ",\"BB" : "BB"));
            }
            fields.append("\":0");
        }
        String body = "{\"messages\":[" + HI + "]" + fields + "}";
        Bounded.run(
                body.length(),
                256,
                16,
                () -> assertThat(rig.post(CHAT, body).status()).isEqualTo(200));
    }

    /** Spring Cloud Function CVE-2022-22963 (an expression in a header) and what moves a request to another route. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spring.cloud.function.routing-expression|T(java.lang.Runtime).getRuntime().exec('id')",
                "spring.cloud.function.definition|completions",
                "spring.cloud.function.http.path|/health",
                "host|127.0.0.1:1",
                "host|evil.example",
                "x-forwarded-host|evil.example",
                "x-forwarded-prefix|/health",
                "x-forwarded-for|127.0.0.1",
                "forwarded|for=127.0.0.1;host=evil.example;proto=https",
                "x-original-url|/health",
                "x-rewrite-url|/health",
                "x-http-method-override|GET",
                "x-http-method|OPTIONS",
                "x-user-id|admin",
                "x-api-key|sk-dialog-other",
                "api-key|sk-dialog-other"
            })
    void aHeaderThatMovesNothing(String name, String value) {
        var request = GatewayRig.with(GatewayRig.request("POST", CHAT, "{\"messages\":[" + HI + "]}"), name, value);
        var answer = rig.send(request);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(answer.headers().toString() + answer.text()).doesNotContain(value);
        var nobody = rig.send(GatewayRig.with(request, "authorization"));
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(rig.inference().requests()).hasSize(1);
    }

    /** Another spelling of a path is another path, so that none gets around the check. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/../models",
                "//v1/models",
                "/v1//models",
                "/%76%31/models",
                "/v1/models%2f..%2f..%2fhealth",
                "/v1/models;a=b",
                "/v1/./models",
                "/health/../v1/models",
                "/V1/models",
                "/v1/models/..;/..;/health"
            })
    void aPathInAnotherSpellingOpensNothing(String path) {
        var nobody = rig.send(GatewayRig.with(GatewayRig.request("GET", path, ""), "authorization"));
        assertThat(nobody.status()).isIn(401, 404);
        assertThat(rig.get(path).status()).isEqualTo(404);
    }

    /** vLLM CVE-2025-48956: a header without end. The server cuts it off sooner; the check would not mind. */
    @Test
    void anAuthorizationOfAMegabyte() {
        String long1 = "Bearer " + "a".repeat(1 << 20);
        var request = GatewayRig.request("POST", CHAT, "{}");
        var answer = rig.send(GatewayRig.with(request, "authorization", long1));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text()).hasSizeLessThan(1_000);
        String dots = "Bearer ey" + ".".repeat(8_000);
        assertThat(rig.send(GatewayRig.with(request, "authorization", dots)).status())
                .isEqualTo(401);
        assertThat(rig.send(GatewayRig.with(request, "authorization", "Bearer a", "Bearer b"))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void depthThatWouldEndAStack() {
        for (String open : List.of("[", "{\"a\":", "[{\"a\":")) {
            refused("x", open.repeat(200_000));
        }
    }
}
