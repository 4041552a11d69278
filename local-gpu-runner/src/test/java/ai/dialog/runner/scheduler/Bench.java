package ai.dialog.runner.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.InferenceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;

/** A scheduler over a fake model; closing it checks that nothing was left open and the model was used rightly. */
final class Bench implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final FakeLanguageModel model;
    final BatchingInference inference;
    final TestClock clock = new TestClock();

    Bench(FakeLanguageModel model, SchedulerSettings settings) {
        this.model = model;
        this.inference = new BatchingInference(model, settings, clock, () -> 0);
    }

    Bench(FakeLanguageModel model) {
        this(model, SchedulerSettings.DEFAULT);
    }

    /** Runs a request to its end, and gives what follows its beginning. */
    List<CompletionChunk> run(Requests.Builder request) {
        return Objects.requireNonNull(inference
                .complete(request.build())
                .filter(chunk -> !(chunk instanceof CompletionChunk.Begun))
                .collectList()
                .block(PATIENCE));
    }

    /** Runs a request that must fail. */
    InferenceException refused(Requests.Builder request) {
        return Assertions.catchThrowableOfType(InferenceException.class, () -> run(request));
    }

    /** Subscribes, and returns when the request waits or runs. */
    Caller start(Requests.Builder request) {
        long before = inference.metrics().accepted();
        var caller = new Caller();
        inference.complete(request.build()).subscribe(caller);
        Requests.until("the request is accepted", () -> inference.metrics().accepted() > before);
        return caller;
    }

    /** The same, and waits until it is the last of so many in the queue. */
    Caller startQueued(Requests.Builder request, int queued) {
        Caller caller = start(request);
        Requests.until("the request is in line", () -> inference.readiness().queued() == queued);
        return caller;
    }

    /** Waits until every request that was accepted is over, and holds nothing. */
    void untilIdle() {
        Requests.until("all requests are over", () -> {
            var metrics = inference.metrics();
            return metrics.activeSlots() == 0
                    && metrics.queued() == 0
                    && metrics.accepted() == metrics.completed() + metrics.cancelled() + metrics.failed();
        });
    }

    @Override
    public void close() {
        model.resume();
        inference.close();
        assertThat(model.misuse()).isNull();
        assertThat(model.openSequences()).isZero();
        assertThat(model.openScores()).isZero();
        assertThat(model.closed).isTrue();
    }

    /** Takes the chunks of one request, from its first text on. */
    static final class Caller extends BaseSubscriber<CompletionChunk> {
        final List<CompletionChunk> chunks = new CopyOnWriteArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Throwable error;

        @Override
        protected void hookOnNext(CompletionChunk chunk) {
            if (!(chunk instanceof CompletionChunk.Begun)) {
                chunks.add(chunk);
            }
        }

        @Override
        protected void hookOnError(Throwable cause) {
            error = cause;
            ended.countDown();
        }

        @Override
        protected void hookOnComplete() {
            ended.countDown();
        }

        boolean hasEnded() {
            return ended.getCount() == 0;
        }

        /** Waits for the end; null if it was a good one. */
        @Nullable
        InferenceException end() throws InterruptedException {
            assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return (InferenceException) error;
        }
    }

    /** Stands still until it is moved. */
    static final class TestClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        synchronized void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
