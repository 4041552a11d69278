package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions through spring-cloud-function-web. */
class FunctionsRoutesTest {

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
    void chatAnswersTheCaller() {
        var answer = server.post("/functions/chat", TestServer.CHAT);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("application/json");
        assertThat(TestServer.json(answer.body())
                        .at("/0/choices/0/message/content")
                        .asString())
                .isEqualTo(server.inference.answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            chat        | "messages":[{"role":"user","content":"two\\nlines"}]
            completions | "prompt":"Hello"
            """)
    void acceptingEventsGetsThem(String name, String field) {
        // a body of several lines is still one request
        var body = "{\n\"stream\":true,\n" + field + "\n}";
        var answer = server.send(server.request("/functions/" + name)
                .header("Accept", "text/event-stream")
                .POST(BodyPublishers.ofString(body)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(answer.body().lines().filter(line -> line.startsWith("data:")))
                .hasSizeGreaterThan(5)
                .anyMatch(line -> line.contains("\"Paris \""));
    }

    @ParameterizedTest
    @CsvSource({"/functions/chat", "/v1/chat/completions"})
    void aLimitHoldsAndTheHeadersTellIt(String path) {
        var made = server.post("/v1/tokens", "{\"requests_per_minute\":1}");
        var token = "Bearer " + TestServer.json(made.body()).path("token").asString();
        var first = server.send(
                server.request(path).setHeader("Authorization", token).POST(BodyPublishers.ofString(TestServer.CHAT)));
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("0");

        // too large for any minute: a second request might come in the next one
        var narrow = server.post("/v1/tokens", "{\"tokens_per_minute\":1}");
        var second = server.send(server.request(path)
                .setHeader(
                        "Authorization",
                        "Bearer " + TestServer.json(narrow.body()).path("token").asString())
                .POST(BodyPublishers.ofString(TestServer.CHAT)));
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(TestServer.code(second)).isEqualTo("rate_limit_exceeded");
        assertThat(second.headers().firstValue("x-ratelimit-limit-tokens")).hasValue("1");
    }

    @Test
    void theOthersAnswerToo() {
        var models = server.get("/functions/models");
        var health = server.get("/functions/health");
        var token = server.post("/functions/token", "{\"expires_in\":60}");
        var secret = TestServer.json(token.body()).path("token").asString();

        assertThat(TestServer.json(models.body()).at("/data/0/id").asString()).isEqualTo("fake-135m");
        assertThat(TestServer.json(health.body()).path("status").asString()).isEqualTo("healthy");
        assertThat(server.send(server.request("/v1/models").setHeader("Authorization", "Bearer " + secret))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void nothingOfTheRequestComesBackInTheHeaders() {
        var answer = server.send(server.request("/functions/chat?secret=in-the-query")
                .header("X-Secret", "in-a-header")
                .header("Cookie", "session=in-a-cookie")
                .POST(BodyPublishers.ofString(TestServer.CHAT)));

        var headers = answer.headers().map().toString().toLowerCase(Locale.ROOT);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(headers)
                .doesNotContain(
                        TestServer.KEY, "authorization", "x-secret", "in-a-header", "in-a-cookie", "in-the-query");
        assertThat(answer.headers().map()).doesNotContainKeys("uri", "host", "user-agent", "accept");
        assertThat(answer.body()).doesNotContain("in-the-query", "in-a-header");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/functions",
                "/functions/",
                "/functions/nope",
                "/functions/functionRouter",
                "/functions/chat,token",
                "/functions/models%7Cchat",
                "/functions/chat/x",
                "/functions/ch%61t",
                "/functionsmodels",
                "/functionRouter",
                "/chat"
            })
    void onlyTheFiveNamesAreFunctions(String path) {
        var get = server.send(server.request(path)
                .header("spring.cloud.function.definition", "models")
                .header("spring.cloud.function.routing-expression", "'models'"));
        var post = server.send(server.request(path)
                .header("spring.cloud.function.definition", "models")
                .POST(BodyPublishers.ofString(TestServer.CHAT)));

        assertThat(get.statusCode()).isEqualTo(404);
        assertThat(TestServer.code(get)).isEqualTo("unknown_url");
        assertThat(post.statusCode()).isBetween(404, 405);
    }

    @Test
    void noHeaderChoosesAnotherFunction() {
        var answer =
                server.send(server.request("/functions/models").header("spring.cloud.function.definition", "health"));

        assertThat(TestServer.json(answer.body()).at("/data/0/id").asString()).isEqualTo("fake-135m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "completions", "token", "models"})
    void withoutAKeyEachIs401(String name) {
        var path = "/functions/" + name;
        var request = server.request(path).setHeader("Authorization", "Bearer wrong-key-of-a-stranger");
        var answer = server.send(name.equals("models") ? request : request.POST(BodyPublishers.ofString("{}")));

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(TestServer.code(answer)).isEqualTo("invalid_api_key");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json  | {\"messages",
                "application/json  | {\"messages\":\"hi\"}",
                "application/json  | {\"messages\":[]}",
                "application/json  | {\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"temperature\":9}",
                "text/event-stream | {\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":-1}",
                "text/event-stream | {\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"seed\":\"x\"}"
            })
    void aBadBodyIs400WithTheFunctionsOwnWords(String accept, String body) {
        var answer = server.send(
                server.request("/functions/chat").header("Accept", accept).POST(BodyPublishers.ofString(body)));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(answer.body()).at("/error/type").asString()).isEqualTo("invalid_request_error");
    }

    @Test
    void anotherMethodIs405() {
        var answer = server.get("/functions/chat");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).contains("POST");
    }
}
