package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.remote.FakeUpstream;
import ai.dialog.packaging.RuntimeApiStandIn;
import ai.dialog.packaging.StandInInvocation;
import ai.dialog.packaging.StandInInvocation.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The streaming runtime: events in by the Runtime API, answers out in pieces. */
class ChatRuntimeTest {

    private static final Duration LONG = RuntimeRig.LONG;
    private static final Semaphore GO_ON = new Semaphore(0);

    @TempDir
    private static Path folder;

    // Started once: the runtime is a Spring application.
    @SuppressWarnings("NullAway.Init")
    private static RuntimeRig rig;

    @BeforeAll
    static void start() throws IOException {
        rig = new RuntimeRig(folder, new FakeUpstream(ChatRuntimeTest::model));
    }

    @AfterAll
    static void stop() throws Exception {
        try (var ended = rig) {
            assertThat(ended.end()).isEqualTo(1);
            assertThat(rig.api.faults()).isEmpty();
            assertThat(rig.api.initErrors()).isEmpty();
        }
    }

    @Test
    void theFirstTokenReachesTheCallerBeforeTheLastIsMade() throws Exception {
        var answer = rig.invokeStream("be patient", LONG);
        // the status, the piece with the role and the first token; the model makes no second one until it is told to
        answer.awaitPieces(3, LONG);
        assertThat(RuntimeRig.said(answer)).isEqualTo("Paris");
        assertThat(answer.state()).isEqualTo(State.BEGUN);
        GO_ON.release();
        answer.awaitEnd(LONG);
        assertThat(RuntimeRig.said(answer)).isEqualTo("Paris – *natürlich*.");
        assertThat(RuntimeRig.events(answer).getLast()).isEqualTo("[DONE]");
        assertThat(answer.trailers()).isEmpty();
        assertThat(answer.pieces()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void aPreflightIsAnsweredWithoutABody() throws Exception {
        var answer = rig.invoke("chat-preflight").awaitEnd(LONG);
        assertThat(answer.state()).isEqualTo(State.ENDED);
        var prelude = RuntimeRig.JSON.readTree(answer.prelude());
        assertThat(prelude.path("statusCode").intValue()).isEqualTo(204);
        assertThat(prelude.at("/headers/access-control-allow-origin").stringValue())
                .isEqualTo("https://chat.example.org");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void anAnswerIsPostedAsTheRuntimeApiWantsAStream() throws Exception {
        var answer = rig.invoke("chat-stream").awaitEnd(LONG);
        assertThat(answer.state()).isEqualTo(State.ENDED);
        assertThat(answer.head())
                .containsEntry("content-type", "application/vnd.awslambda.http-integration-response")
                .containsEntry("lambda-runtime-function-response-mode", "streaming")
                .containsEntry("transfer-encoding", "chunked")
                .containsEntry("trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");
        var prelude = RuntimeRig.JSON.readTree(answer.prelude());
        assertThat(prelude.path("statusCode").intValue()).isEqualTo(200);
        assertThat(prelude.at("/headers/content-type").stringValue()).startsWith("text/event-stream");
        assertThat(prelude.at("/headers/x-request-id").stringValue()).startsWith("req_");
    }

    @Test
    void toolsGoToTheModelServerAndItsCallsComeBackInPieces() throws Exception {
        var event = RuntimeRig.event("chat-stream");
        event.put("body", """
                {"stream":true,"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a",
                 "type":"function","function":{"name":"now","arguments":"{}"}}]},
                 {"role":"tool","tool_call_id":"a","content":"noon"}],
                 "tools":[{"type":"function","function":{"name":"now"}}],"tool_choice":"required"}""");

        var answer = rig.api.invoke(new StandInInvocation(event.toString())).awaitEnd(LONG);

        assertThat(RuntimeRig.status(answer)).isEqualTo(200);
        assertThat(RuntimeRig.events(answer))
                .anyMatch(piece -> piece.contains("\"id\":\"call_1\",\"type\":\"function\""))
                .anyMatch(piece -> piece.contains("\"finish_reason\":\"tool_calls\""))
                .endsWith("[DONE]");
        var sent = RuntimeRig.JSON.readTree(rig.upstream.requests().getLast().body());
        assertThat(sent.path("tool_choice").stringValue()).isEqualTo("required");
        assertThat(sent.at("/tools/0/function/name").stringValue()).isEqualTo("now");
        assertThat(sent.at("/messages/1/tool_calls/0/id").stringValue()).isEqualTo("a");
        assertThat(sent.at("/messages/2/tool_call_id").stringValue()).isEqualTo("a");
    }

    @Test
    void aWholeAnswerIsJson() throws Exception {
        var answer = rig.invoke("chat").awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(200);
        assertThat(RuntimeRig.json(answer).at("/choices/0/message/content").stringValue())
                .isEqualTo("Paris – *natürlich*.");
    }

    @ParameterizedTest
    @CsvSource({
        "chat, 200",
        "chat-stream, 200",
        "chat-base64, 200",
        "completion, 200",
        "chat-malformed, 400",
        "chat-invalid, 400",
        "not-a-proxy-event, 400",
        "chat-no-key, 401",
        "chat-wrong-key, 401",
        "chat-other-function, 401",
        "unknown-path, 404",
        "token, 404",
        "models, 404",
        "model, 404",
        "health, 404",
        "openapi, 404"
    })
    void everyEventOfTheFolderIsAnswered(String file, int status) throws Exception {
        var answer = rig.invoke(file).awaitEnd(LONG);
        assertThat(answer.state()).isEqualTo(State.ENDED);
        assertThat(RuntimeRig.status(answer)).isEqualTo(status);
        assertThat(answer.trailers()).isEmpty();
        if (status != 200) {
            assertThat(RuntimeRig.json(answer).path("error").propertyNames())
                    .containsExactlyInAnyOrder("message", "type", "param", "code");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "[]", "42", "{}", "{\"httpMethod\":\"POST\"}", "\u0000\u0001"})
    void whatIsNoEventIsRefused(String event) throws Exception {
        var answer = rig.api.invoke(new StandInInvocation(event)).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(400);
        assertThat(RuntimeRig.json(answer).at("/error/message").stringValue()).contains("no REST proxy event");
    }

    @Test
    void anEventLargerThanLambdaHasIsRefusedAndTheNextOneIsServed() throws Exception {
        var answer = rig.api.invoke(new StandInInvocation(" ".repeat(9 << 20))).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(400);
        assertThat(RuntimeRig.status(rig.invoke("chat").awaitEnd(LONG))).isEqualTo(200);
    }

    @Test
    void aFailureBeforeTheFirstByteIsAnHttpError() throws Exception {
        var answer = rig.invokeStream("be down", LONG).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(503);
        assertThat(RuntimeRig.json(answer).at("/error/code").stringValue()).isEqualTo("service_unavailable");
        assertThat(answer.trailers()).isEmpty();
    }

    @Test
    void aFailureAfterTheFirstByteIsALastEventAndATrailer() throws Exception {
        var answer = rig.invokeStream("break off", LONG).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(200);
        assertThat(RuntimeRig.said(answer)).isEqualTo("Paris");
        var last = RuntimeRig.JSON.readTree(RuntimeRig.events(answer).getLast());
        assertThat(last.at("/error/type").stringValue()).isEqualTo("server_error");
        assertThat(answer.trailers()).containsEntry("lambda-runtime-function-error-type", "Chat.internal_error");
        var told = RuntimeRig.JSON.readTree(answer.errorTrailer());
        assertThat(told.path("errorType").stringValue()).isEqualTo("Chat.internal_error");
        assertThat(told.path("errorMessage").stringValue()).contains("req_");
    }

    @Test
    void theDeadlineEndsAnAnswerWithWhatItHas() throws Exception {
        var answer = rig.invokeStream("never end", Duration.ofSeconds(20)).awaitEnd(LONG);
        assertThat(RuntimeRig.said(answer)).isEqualTo("Paris");
        var events = RuntimeRig.events(answer);
        assertThat(events.getLast()).isEqualTo("[DONE]");
        assertThat(answer.body()).contains("\"finish_reason\":\"length\"");
        assertThat(answer.trailers()).isEmpty();
        assertThat(rig.upstream.callerLeft(LONG.toMillis())).isTrue();
    }

    @Test
    void aDeadlineBeforeTheFirstTokenIsATimeout() throws Exception {
        var answer = rig.invokeStream("never begin", Duration.ofSeconds(3)).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(504);
        assertThat(RuntimeRig.json(answer).at("/error/code").stringValue()).isEqualTo("timeout");
    }

    @Test
    void aDeadlineThatHasPassedIsATimeoutToo() throws Exception {
        var answer = rig.invokeStream("be quick", Duration.ofSeconds(-5)).awaitEnd(LONG);
        assertThat(RuntimeRig.status(answer)).isEqualTo(504);
    }

    @Test
    void aCallerWhoLeavesEndsTheGeneration() throws Exception {
        var left = new Semaphore(0);
        try (var other = new FakeUpstream((request, reply) -> {
                    if (request.path().equals("/v1/models")) {
                        RuntimeRig.models(reply);
                        return;
                    }
                    reply.stream().event(delta("Paris"));
                    reply.awaitLeave();
                    left.release();
                });
                var cut = new RuntimeRig(folder, other)) {
            var answer = cut.api.invoke(RuntimeRig.stream("any").cutAfter(3)).awaitEnd(LONG);
            assertThat(answer.state()).isEqualTo(State.CUT);
            assertThat(left.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(cut.end()).isEqualTo(1);
        }
    }

    @Test
    void theTracingHeaderIsCarriedToTheModelServer() throws Exception {
        String trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e7e1;Parent=9a9197af755a6419;Sampled=1";
        assertThat(traceSent(trace)).isEqualTo(trace);
    }

    @Test
    void aTracingHeaderThatIsNoneIsNotCarriedOn() throws Exception {
        assertThat(traceSent("Root=" + "1".repeat(600))).isNull();
        assertThat(traceSent("Root=1 \u0007 2")).isNull();
    }

    private static @Nullable String traceSent(String trace) throws Exception {
        var invocation = RuntimeRig.stream("be quick").header("Lambda-Runtime-Trace-Id", trace);
        assertThat(RuntimeRig.status(rig.api.invoke(invocation).awaitEnd(LONG))).isEqualTo(200);
        return rig.upstream.requests().getLast().headers().get("x-amzn-trace-id");
    }

    @Test
    void aFunctionThatCannotStartTellsLambdaWhyAndEnds() throws Exception {
        try (var api = new RuntimeApiStandIn()) {
            int exitCode = ChatRuntime.run(api.address(), () -> {
                throw new IllegalArgumentException(
                        "while making a bean", new IllegalStateException("INFERENCE_URL must be set"));
            });
            assertThat(exitCode).isEqualTo(1);
            assertThat(api.initErrors()).hasSize(1);
            var error = RuntimeRig.JSON.readTree(api.initErrors().getFirst());
            assertThat(error.path("errorMessage").stringValue()).isEqualTo("INFERENCE_URL must be set");
            assertThat(error.path("errorType").stringValue()).isEqualTo("Runtime.InitFailed");
            assertThat(api.polls()).isZero();
        }
    }

    @Test
    void withoutARuntimeApiItDoesNotStart() {
        assertThat(ChatRuntime.run(null, ChatRuntimeApplication::start)).isEqualTo(2);
        assertThat(ChatRuntime.run("no port", ChatRuntimeApplication::start)).isEqualTo(2);
    }

    private static String delta(String text) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}";
    }

    private static void model(FakeUpstream.Request request, FakeUpstream.Reply reply)
            throws IOException, InterruptedException {
        if (request.path().equals("/v1/models")) {
            RuntimeRig.models(reply);
            return;
        }
        if (request.path().equals("/v1/completions")) {
            reply.stream()
                    .event("{\"choices\":[{\"index\":0,\"text\":\" Paris\",\"finish_reason\":\"length\"}]}")
                    .event("[DONE]")
                    .end();
            return;
        }
        String body = request.body();
        if (body.contains("be down")) {
            reply.whole(503, "application/json", "{}");
            return;
        }
        if (body.contains("never begin")) {
            reply.stream();
            reply.awaitLeave();
            return;
        }
        if (body.contains("\"tools\"")) {
            reply.stream()
                    .event(
                            "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"function\":{\"name\":\"now\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}")
                    .event("[DONE]")
                    .end();
            return;
        }
        reply.stream().event(delta("Paris"));
        if (body.contains("never end")) {
            reply.awaitLeave();
            return;
        }
        if (body.contains("break off")) {
            reply.reset();
            return;
        }
        if (body.contains("be patient")) {
            assertThat(GO_ON.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        reply.event(
                        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" – *natürlich*.\"},\"finish_reason\":\"stop\"}]}")
                .event("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}")
                .event("[DONE]")
                .end();
    }
}
