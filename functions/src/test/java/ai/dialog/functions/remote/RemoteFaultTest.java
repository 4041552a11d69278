package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteFaultTest extends RemoteFixture {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400|{'error':{'message':'temperature is wrong','param':'temperature'}}|INVALID_REQUEST|temperature is wrong",
                "400|{'error':{'message':'too long','code':'context_length_exceeded'}}|CONTEXT_LENGTH_EXCEEDED|too long",
                "400|{'object':'error','message':'maximum context length is 8','code':400}|CONTEXT_LENGTH_EXCEEDED|maximum context length is 8",
                "400|<html>stack trace at com.example</html>|INVALID_REQUEST|The model server cannot serve this request.",
                "422|{'detail':['/opt/app/x.py']}|INVALID_REQUEST|The model server cannot serve this request.",
                "401|{'error':{'message':'key s3cret is wrong'}}|INTERNAL|The model server failed (status 401).",
                "403|{'error':{'message':'key s3cret is wrong'}}|INTERNAL|The model server failed (status 403).",
                "404|{'error':{'message':'no model m','code':'model_not_found'}}|MODEL_NOT_FOUND|no model m",
                "404|not found|INTERNAL|The model server has no such resource; is its address right?",
                "429|{'error':{'message':'slow down'}}|OVERLOADED|The model server is busy; try again later.",
                "500|{'error':{'message':'CUDA out of memory at 0x7f'}}|INTERNAL|The model server failed (status 500).",
                "302|moved|INTERNAL|The model server failed (status 302).",
                "504|late|TIMEOUT|The model server did not answer in time."
            })
    void aRefusalBecomesAnErrorThatTellsOnlyWhatIsFitToTell(int status, String body, Kind kind, String message)
            throws Exception {
        FakeUpstream server =
                server((request, reply) -> reply.whole(status, "application/json", body.replace('\'', '"')));
        InferenceException failure = failure(inference(server), request(1, null));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessage(message);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aHugeErrorPageIsReadOnlyToItsBound() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.raw("HTTP/1.1 500 X\r\nContent-Length: 999999999\r\n\r\n");
            try {
                for (int i = 0; i < 100_000; i++) {
                    reply.raw("x".repeat(1024));
                }
            } finally {
                reply.awaitLeave();
            }
        });
        assertThat(failure(inference(server), request(1, null)).kind()).isEqualTo(Kind.INTERNAL);
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void aBrokenStreamIsAnErrorAfterTheTextThatCame() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        FakeUpstream server = server((request, reply) -> {
            reply.stream().event(HELLO);
            told.await(10, TimeUnit.SECONDS); // a reset overtakes what the reader has not taken yet
            reply.reset();
        });
        List<CompletionChunk> seen = new ArrayList<>();
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> inference(server)
                        .complete(request(1, null))
                        .skip(1)
                        .doOnNext(seen::add)
                        .doOnNext(chunk -> told.countDown())
                        .blockLast())
                .withMessage("The model server broke off its answer.")
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.INTERNAL));
        assertThat(seen).containsExactly(delta(0, "Hello"));
        assertThat(server.requests()).as("no second try after the first token").hasSize(1);
    }

    @Test
    void aStreamThatEndsBeforeItsChoicesDoIsAnError() throws Exception {
        FakeUpstream server = server(
                (request, reply) -> reply.stream().event(HELLO).event("[DONE]").end());
        assertThat(failure(inference(server), request(1, null)).kind()).isEqualTo(Kind.INTERNAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json at all|no JSON object",
                "[1,2]|no JSON object",
                "{\"choices\":[{\"index\":7,\"delta\":{\"content\":\"x\"}}]}|not asked for",
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"abort\"}]}|broke off",
                "{\"error\":{\"message\":\"CUDA 0x7f\",\"code\":500}}|failed (status 500)"
            })
    void anEventThatMakesNoSenseIsAnErrorThatRepeatsNothingOfIt(String event, String message) throws Exception {
        FakeUpstream server =
                server((request, reply) -> reply.stream().event(event).end());
        InferenceException failure = failure(inference(server), request(1, null));
        assertThat(failure).hasMessageContaining(message).hasMessageNotContaining("0x7f");
        assertThat(failure.kind()).isEqualTo(Kind.INTERNAL);
    }

    @Test
    void anEndlessLineIsCutOffAtTheBound() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.stream().chunk("data: ");
            try {
                for (int i = 0; i < 100_000; i++) {
                    reply.chunk("x".repeat(1024));
                }
            } finally {
                reply.awaitLeave();
            }
        });
        assertThat(failure(inference(server), request(1, null))).hasMessageContaining("more than 65536 bytes");
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void anAnswerThatIsNoStreamIsAnError() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.whole(200, "text/html", "<html>Sign in</html>"));
        assertThat(failure(inference(server), request(1, null))).hasMessageContaining("other than an event stream");
    }

    @ParameterizedTest
    @CsvSource({"502,''", "503,''", "429,Retry-After: 0"})
    void aPassingRefusalIsTriedAgain(int status, String header) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        FakeUpstream server = server((request, reply) -> {
            if (calls.getAndIncrement() < 2) {
                reply.whole(status, "text/plain", "", header.isEmpty() ? new String[0] : new String[] {header});
            } else {
                helloWorld(request, reply);
            }
        });
        assertThat(inference(server)
                        .complete(request(1, null))
                        .skip(1)
                        .collectList()
                        .block())
                .hasSize(4);
        assertThat(calls).hasValue(3);
    }

    @Test
    void aConnectionResetBeforeTheFirstTokenIsTriedAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        FakeUpstream server = server((request, reply) -> {
            switch (calls.getAndIncrement()) {
                case 0 -> reply.reset();
                case 1 -> {
                    reply.stream().event("{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}");
                    reply.reset();
                }
                default -> helloWorld(request, reply);
            }
        });
        assertThat(inference(server)
                        .complete(request(1, null))
                        .skip(1)
                        .collectList()
                        .block())
                .hasSize(4);
    }

    @Test
    void afterTheLastTryTheCallerIsToldWhenToComeBack() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.whole(503, "text/plain", "", "Retry-After: 0"));
        InferenceException failure = failure(inference(server), request(1, null));
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ZERO);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void aRetryAfterBeyondTheDeadlineIsHandedOnAtOnce() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.whole(429, "text/plain", "", "Retry-After: 30"));
        InferenceException failure =
                failure(inference(server), request(1, Instant.now().plusSeconds(5)));
        assertThat(failure.kind()).isEqualTo(Kind.OVERLOADED);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aRefusedConnectionIsUnavailable() throws Exception {
        URI nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }
        InferenceException failure = failure(inference(nobody), request(1, null));
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure).hasMessage("The model server cannot be reached.");
    }

    @Test
    void aRetryAfterMayBeADateAndIsBounded() {
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        assertThat(UpstreamFault.retryAfter("Fri, 02 Jan 2026 03:04:35 GMT", now))
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(UpstreamFault.retryAfter("Thu, 01 Jan 2026 00:00:00 GMT", now))
                .isEqualTo(Duration.ZERO);
        assertThat(UpstreamFault.retryAfter("999999999", now)).isEqualTo(Duration.ofDays(1));
        assertThat(UpstreamFault.retryAfter("99999999999999999999", now)).isNull();
        assertThat(UpstreamFault.retryAfter("soon", now)).isNull();
        assertThat(UpstreamFault.retryAfter(null, now)).isNull();
    }
}
