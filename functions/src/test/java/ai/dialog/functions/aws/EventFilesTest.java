package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.aws.LambdaRig.Answer;
import ai.dialog.functions.remote.FakeUpstream;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Every file of {@code events/} through the handler that it is for, and through those that it is not for. */
class EventFilesTest {

    @TempDir
    private static Path folder;

    // Started once: a handler is a Spring application.
    @SuppressWarnings("NullAway.Init")
    private static LambdaRig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new LambdaRig(folder, new FakeUpstream(EventFilesTest::model));
    }

    @AfterAll
    static void stop() throws IOException {
        rig.close();
    }

    /** With the settings of the template, as {@code sam local} calls them. */
    @Test
    void everyEventHasTheAnswerThatIsExpectedOfIt() throws IOException {
        RequestStreamHandler chat = rig.chat(Map.of(
                "ALLOWED_CIDRS", ExpectedAnswer.parameter("AllowedCidrs"),
                "CORS_ORIGINS", ExpectedAnswer.parameter("CorsOrigins"),
                "VERIFICATION_KEYS", ExpectedAnswer.parameter("VerificationKeys")));
        for (ExpectedAnswer expected : ExpectedAnswer.all()) {
            if (!expected.function().equals("StreamedChat")) {
                String name = expected.function().toLowerCase(Locale.ROOT);
                expected.check(
                        LambdaRig.call(name.equals("chat") ? chat : handler(name), LambdaRig.event(expected.event()))
                                .event());
            }
        }
    }

    @Test
    void aChatIsAnsweredAsJson() throws IOException {
        Answer answer = LambdaRig.call(rig.chat, LambdaRig.event("chat"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith("application/json");
        JsonNode completion = answer.json();
        assertThat(completion.path("object").stringValue()).isEqualTo("chat.completion");
        assertThat(completion.at("/choices/0/message/content").stringValue()).isEqualTo("Paris – *natürlich*.");
        assertThat(completion.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
        assertThat(completion.at("/usage/total_tokens").intValue()).isEqualTo(11);
        assertThat(answer.event().propertyNames())
                .containsExactlyInAnyOrder("statusCode", "headers", "body", "isBase64Encoded");
    }

    @Test
    void theCallersKeyNeverReachesTheModelServer() throws IOException {
        LambdaRig.call(rig.chat, LambdaRig.event("chat"));
        FakeUpstream.Request last = rig.upstream.requests().getLast();
        assertThat(last.headers()).containsEntry("authorization", "Bearer sk-upstream-example-0123456789abcdef");
        assertThat(last.headers().toString() + last.body()).doesNotContain(LambdaRig.KEY);
    }

    @Test
    void aStreamedChatIsServerSentEventsInOneBody() throws IOException {
        Answer answer = LambdaRig.call(rig.chat, LambdaRig.event("chat-stream"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.body()).startsWith("data: {").endsWith("data: [DONE]\n\n");
        List<JsonNode> events = Stream.of(answer.body().split("\n\n", -1))
                .filter(event -> event.startsWith("data: {"))
                .map(event -> LambdaRig.JSON.readTree(event.substring(6)))
                .toList();
        String text = String.join(
                "",
                events.stream()
                        .map(event -> event.at("/choices/0/delta/content").asString(""))
                        .toList());
        assertThat(text).isEqualTo("Paris – *natürlich*.");
        assertThat(events.getLast().at("/usage/completion_tokens").intValue()).isEqualTo(2);
    }

    @Test
    void aBodyInBase64IsDecoded() throws IOException {
        assertThat(LambdaRig.call(rig.chat, LambdaRig.event("chat-base64")).status())
                .isEqualTo(200);
        assertThat(rig.upstream.requests().getLast().body()).contains("Hauptstadt Österreichs");
    }

    @Test
    void aTextIsCompleted() throws IOException {
        Answer answer = LambdaRig.call(rig.chat, LambdaRig.event("completion"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/choices/0/text").stringValue()).isEqualTo(" Paris");
    }

    @Test
    void aTokenIsMadeAndOpensTheOtherFunctions() throws IOException {
        Answer made = LambdaRig.call(rig.token, LambdaRig.event("token"));
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.json().path("expires_in").intValue()).isEqualTo(3600);
        String token = made.json().properties().stream()
                .map(field -> field.getValue().asString(""))
                .filter(value -> value.split("\\.", -1).length == 3)
                .findFirst()
                .orElseThrow();
        ObjectNode event = LambdaRig.event("models");
        authorize(event, "Bearer " + token);
        assertThat(LambdaRig.call(rig.models, event).status()).isEqualTo(200);
    }

    @Test
    void modelsAreListedAndGivenOneByOne() throws IOException {
        Answer list = LambdaRig.call(rig.models, LambdaRig.event("models"));
        assertThat(list.status()).isEqualTo(200);
        assertThat(list.json().at("/data/0/id").stringValue()).isEqualTo("SmolLM2-135M-Instruct");
        Answer one = LambdaRig.call(rig.models, LambdaRig.event("model"));
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.json().path("object").stringValue()).isEqualTo("model");
    }

    @Test
    void theOpenApiDocumentNeedsNoKey() throws IOException {
        Answer answer = LambdaRig.call(rig.health, LambdaRig.event("openapi"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("paths").has("/v1/chat/completions")).isTrue();
    }

    @Test
    void healthNeedsNoKey() throws IOException {
        Answer answer = LambdaRig.call(rig.health, LambdaRig.event("health"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("status").stringValue()).isEqualTo("healthy");
    }

    @ParameterizedTest
    @CsvSource({
        "chat-malformed, 400, invalid_request_error",
        "chat-invalid, 400, invalid_request_error",
        "chat-no-key, 401, invalid_request_error",
        "chat-wrong-key, 401, invalid_request_error",
        "chat-other-function, 401, invalid_request_error",
        "unknown-path, 404, invalid_request_error",
        "not-a-proxy-event, 400, invalid_request_error"
    })
    void whatIsRefusedIsOpenAisErrorObject(String file, int status, String type) throws IOException {
        Answer answer = LambdaRig.call(rig.chat, LambdaRig.event(file));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("content-type")).startsWith("application/json");
        JsonNode error = answer.json().path("error");
        assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
        assertThat(error.path("type").stringValue()).isEqualTo(type);
        assertThat(error.path("message").stringValue()).isNotBlank().doesNotContain("Exception", "ai.dialog");
    }

    @Test
    void anInvalidFieldIsNamed() throws IOException {
        Answer answer = LambdaRig.call(rig.chat, LambdaRig.event("chat-invalid"));
        assertThat(answer.json().at("/error/param").stringValue()).isEqualTo("temperature");
    }

    @Test
    void noHeaderPicksAnotherFunction() throws IOException {
        ObjectNode event = LambdaRig.event("chat-other-function");
        authorize(event, "Bearer " + LambdaRig.KEY);
        Answer answer = LambdaRig.call(rig.chat, event);
        assertThat(answer.json().path("object").stringValue()).isEqualTo("chat.completion");
        ObjectNode health = LambdaRig.event("health");
        ((ObjectNode) health.path("headers")).put("spring.cloud.function.definition", "modelsHandler");
        ((ObjectNode) health.path("multiValueHeaders"))
                .putArray("spring.cloud.function.definition")
                .add("modelsHandler");
        assertThat(LambdaRig.call(rig.health, health).json().path("status").stringValue())
                .isEqualTo("healthy");
    }

    @Test
    void aKeyIsRefusedFromAnotherAddressWhateverTheHeaderSays(@TempDir Path keys) throws IOException {
        String key = keyFor("203.0.113.0/24", keys);
        RequestStreamHandler restricted = rig.chat(Map.of("KEYS_FOLDER", keys.toString(), "API_KEY", ""));
        ObjectNode outside = LambdaRig.event("chat-other-address");
        ObjectNode inside = LambdaRig.event("chat");
        authorize(outside, "Bearer " + key);
        authorize(inside, "Bearer " + key);
        Answer refused = LambdaRig.call(restricted, outside);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().at("/error/code").stringValue()).isEqualTo("address_not_allowed");
        assertThat(refused.json().at("/error/message").stringValue()).contains("198.51.100.7");
        assertThat(LambdaRig.call(restricted, inside).status()).isEqualTo(200);
        inside.withObject("/requestContext/identity").put("sourceIp", "test-invoke-source-ip");
        assertThat(LambdaRig.call(restricted, inside).status()).isEqualTo(403);
    }

    private static String keyFor(String range, Path folder) throws IOException {
        NewKey made = Objects.requireNonNull(Access.open(AccessSettings.of(folder, null), InstantSource.system())
                .newKey());
        Path file = folder.resolve("api-keys.json");
        ObjectNode document = (ObjectNode) LambdaRig.JSON.readTree(Files.readString(file));
        document.withObject("/keys/0/restrictions").putArray("cidrs").add(range);
        Files.writeString(file, document.toString());
        return made.secret();
    }

    @Test
    void theFunctionsOwnListOfAddressesHoldsForEveryKey() throws IOException {
        RequestStreamHandler listed = rig.chat(Map.of("ALLOWED_CIDRS", "203.0.113.0/24, 2001:db8::/32"));
        Answer outside = LambdaRig.call(listed, LambdaRig.event("chat-other-address"));
        assertThat(outside.status()).isEqualTo(403);
        assertThat(outside.json().at("/error/code").stringValue()).isEqualTo("address_not_allowed");
        assertThat(LambdaRig.call(listed, LambdaRig.event("chat")).status()).isEqualTo(200);
    }

    @Test
    void noPageMayCallWhereNoneIsNamed() throws IOException {
        Answer preflight = LambdaRig.call(rig.chat, LambdaRig.event("chat-preflight"));
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("allow")).isEqualTo("POST, OPTIONS");
        assertThat(preflight.headers().propertyNames())
                .doesNotContain("vary")
                .noneMatch(name -> name.startsWith("access-control"));
    }

    @Test
    void aPageThatIsNamedMayCallAndReadErrorsToo() throws IOException {
        RequestStreamHandler named =
                rig.chat(Map.of("CORS_ORIGINS", "https://other.example.org, https://chat.example.org"));
        for (String file : List.of("chat-preflight", "chat", "chat-no-key")) {
            ObjectNode event = LambdaRig.event(file);
            origin(event, "https://chat.example.org");
            assertThat(LambdaRig.call(named, event).header("access-control-allow-origin"))
                    .as(file)
                    .isEqualTo("https://chat.example.org");
            origin(event, "https://evil.example.org");
            assertThat(LambdaRig.call(named, event).headers().propertyNames())
                    .as(file)
                    .noneMatch(name -> name.startsWith("access-control"));
        }
    }

    @Test
    void anAddressThatMayNotCallHasNoPreflightEither() throws IOException {
        RequestStreamHandler listed =
                rig.chat(Map.of("CORS_ORIGINS", "https://chat.example.org", "ALLOWED_CIDRS", "192.0.2.0/24"));
        assertThat(LambdaRig.call(listed, LambdaRig.event("chat-preflight")).status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "token,chat",
        "models,chat",
        "health,chat",
        "chat,token",
        "completion,models",
        "models,health",
        "health,token"
    })
    void aFunctionAnswersItsOwnPathsOnly(String file, String function) throws IOException {
        Answer answer = LambdaRig.call(handler(function), LambdaRig.event(file));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("unknown_url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "[]", "42", "\"x\"", "{}", "{\"httpMethod\":\"POST\"}", "\u0000\u0001"})
    void whatIsNoEventIsRefusedNotTakenForAnEmptyRequest(String event) throws IOException {
        for (String function : List.of("chat", "token", "models", "health")) {
            Answer answer = LambdaRig.call(handler(function), event, 20_000);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().at("/error/message").stringValue()).contains("no REST proxy event");
        }
    }

    @Test
    void fieldsOfTheWrongKindAreRefused() throws IOException {
        ObjectNode headers = LambdaRig.event("chat");
        headers.remove("multiValueHeaders");
        headers.put("headers", 5);
        assertThat(LambdaRig.call(rig.chat, headers).status()).isEqualTo(400);
        ObjectNode body = LambdaRig.event("chat");
        body.putObject("body");
        assertThat(LambdaRig.call(rig.chat, body).status()).isEqualTo(400);
        ObjectNode base64 = LambdaRig.event("chat-base64");
        base64.put("body", "not base64!");
        assertThat(LambdaRig.call(rig.chat, base64).status()).isEqualTo(400);
    }

    @Test
    void nullHeadersAndBodyAreAnEmptyRequest() throws IOException {
        ObjectNode event = LambdaRig.event("health");
        event.putNull("headers");
        event.putNull("multiValueHeaders");
        assertThat(LambdaRig.call(rig.health, event).status()).isEqualTo(200);
        ObjectNode chat = LambdaRig.event("chat");
        chat.putNull("body");
        assertThat(LambdaRig.call(rig.chat, chat).status()).isEqualTo(400);
    }

    @Test
    void headersWithOneValueEachAreEnough() throws IOException {
        ObjectNode event = LambdaRig.event("chat");
        event.putNull("multiValueHeaders");
        assertThat(LambdaRig.call(rig.chat, event).status()).isEqualTo(200);
    }

    @Test
    void twoCredentialsInOneHeaderAreRefused() throws IOException {
        ObjectNode event = LambdaRig.event("chat");
        ((ObjectNode) event.path("multiValueHeaders"))
                .putArray("Authorization")
                .add("Bearer " + LambdaRig.KEY)
                .add("Bearer other");
        assertThat(LambdaRig.call(rig.chat, event).status()).isEqualTo(401);
    }

    @Test
    void aPathMayBeginWithTheStage() throws IOException {
        ObjectNode event = LambdaRig.event("model");
        event.put("path", "/dev/v1/models/SmolLM2-135M-Instruct");
        assertThat(LambdaRig.call(rig.models, event).status()).isEqualTo(200);
    }

    @Test
    void theLogHasNoPromptAndAtNoLevelAKey() throws IOException {
        assertThat(logged(Level.INFO)).noneMatch(line -> line.contains("capital of France"));
        assertThat(logged(Level.TRACE)).isNotEmpty().noneMatch(line -> line.contains(LambdaRig.KEY));
    }

    private static List<String> logged(Level level) throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(level);
        try {
            LambdaRig.call(rig.chat, LambdaRig.event("chat"));
        } finally {
            root.setLevel(before);
            root.detachAppender(log);
        }
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void aFunctionAnswersBeforeLambdaEndsIt() throws Exception {
        ObjectNode event = LambdaRig.event("chat");
        event.put("body", "{\"messages\":[{\"role\":\"user\",\"content\":\"be slow\"}]}");
        Instant start = Instant.now();
        Answer answer = LambdaRig.call(rig.chat, event.toString(), 1500);
        assertThat(answer.status()).isEqualTo(504);
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(4));
        assertThat(rig.upstream.callerLeft(10_000)).isTrue();
    }

    @Test
    void anAnswerLargerThanLambdaReturnsIsAnErrorThatSaysSo() throws IOException {
        ObjectNode event = LambdaRig.event("chat");
        event.put("body", "{\"messages\":[{\"role\":\"user\",\"content\":\"be long\"}]}");
        Answer answer = LambdaRig.call(rig.chat, event);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/message").stringValue()).contains("6 MB");
    }

    private static RequestStreamHandler handler(String name) {
        return switch (name) {
            case "chat" -> rig.chat;
            case "token" -> rig.token;
            case "models" -> rig.models;
            default -> rig.health;
        };
    }

    private static void origin(ObjectNode event, String value) {
        ((ObjectNode) event.path("headers")).put("Origin", value);
        ((ObjectNode) event.path("multiValueHeaders")).putArray("Origin").add(value);
    }

    private static void authorize(ObjectNode event, String value) {
        ((ObjectNode) event.path("headers")).put("Authorization", value);
        ((ObjectNode) event.path("multiValueHeaders")).putArray("Authorization").add(value);
    }

    static void model(FakeUpstream.Request request, FakeUpstream.Reply reply) throws IOException {
        switch (request.path()) {
            case "/v1/models" -> reply.whole(200, "application/json", """
                        {"object":"list","data":[{"id":"SmolLM2-135M-Instruct","created":1,"owned_by":"hf","context_length":8192}]}""");
            case "/health" -> reply.whole(200, "application/json", "{\"status\":\"healthy\"}");
            case "/v1/completions" ->
                reply.stream()
                        .event("{\"choices\":[{\"index\":0,\"text\":\" Paris\",\"finish_reason\":\"length\"}]}")
                        .event("[DONE]")
                        .end();
            default -> chat(request, reply);
        }
    }

    private static void chat(FakeUpstream.Request request, FakeUpstream.Reply reply) throws IOException {
        if (request.body().contains("be slow")) {
            reply.stream().chunk(": wait\n\n");
            reply.awaitLeave();
            return;
        }
        String text = request.body().contains("be long") ? "\\\"".repeat(50_000) : "Paris";
        reply.stream();
        for (int i = 0; i < (text.length() > 10 ? 100 : 1); i++) {
            reply.event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}");
        }
        reply.event(
                        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" – *natürlich*.\"},\"finish_reason\":\"stop\"}]}")
                .event("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}")
                .event("[DONE]")
                .end();
    }
}
