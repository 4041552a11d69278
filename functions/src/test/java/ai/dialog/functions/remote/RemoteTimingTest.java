package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;

class RemoteTimingTest extends RemoteFixture {
    @Test
    void aServerThatStaysSilentIsATimeoutAndLosesTheConnection() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.stream().chunk(": waiting\n\n");
            reply.awaitLeave();
        });
        InferenceException failure =
                failure(inference(server), request(1, Instant.now().plusMillis(300)));
        assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void atTheDeadlineWhatHasComeIsEndedWithLength() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.stream()
                    .event("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}");
            reply.event(HELLO);
            reply.awaitLeave();
        });
        List<CompletionChunk> chunks = inference(server)
                .complete(request(2, Instant.now().plusMillis(2000)))
                .skip(1)
                .collectList()
                .block(Duration.ofSeconds(5));
        assertThat(chunks)
                .containsExactly(
                        delta(1, "b"),
                        new CompletionChunk.Finish(1, FinishReason.STOP),
                        delta(0, "Hello"),
                        new CompletionChunk.Finish(0, FinishReason.LENGTH),
                        new CompletionChunk.Total(new Usage(0, 2, 0)));
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void aDeadlineThatHasPassedAsksNobody() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        InferenceException failure =
                failure(inference(server), request(1, Instant.now().minusSeconds(1)));
        assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void cancellingInMidStreamClosesTheConnection() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.stream().event(HELLO);
            reply.awaitLeave();
        });
        inference(server).complete(request(1, null)).skip(1).blockFirst(Duration.ofSeconds(5));
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void cancellingBeforeTheHeadersClosesTheConnection() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        FakeUpstream server = server((request, reply) -> {
            asked.countDown();
            reply.awaitLeave();
        });
        Disposable call = inference(server).complete(request(1, null)).subscribe();
        assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
        call.dispose();
        assertThat(server.callerLeft(10_000)).isTrue();
    }

    @Test
    void aCallerThatDoesNotReadSlowsTheServerDown() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        FakeUpstream server = server((request, reply) -> {
            reply.stream();
            String padding = ": " + "x".repeat(32_000) + "\n\n";
            for (int i = 0; i < 4000; i++) {
                reply.chunk(padding + "data: " + HELLO + "\n\n");
                sent.incrementAndGet();
            }
        });
        CountDownLatch first = new CountDownLatch(1);
        BaseSubscriber<CompletionChunk> reader = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(CompletionChunk chunk) {
                first.countDown();
            }
        };
        inference(server).complete(request(1, null)).subscribe(reader);
        assertThat(first.await(5, TimeUnit.SECONDS)).isTrue();
        int before = -1;
        for (int i = 0; i < 20 && before != sent.get(); i++) {
            before = sent.get();
            Thread.sleep(400);
        }
        assertThat(sent).as("the server is blocked, not done").hasValue(before);
        assertThat(before).isLessThan(4000);
        reader.cancel();
    }
}
