package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.answering;
import static ai.dialog.runner.scheduler.FakeLanguageModel.constant;
import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.Readiness.Status;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.runner.grammar.Faulty;
import ai.dialog.runner.grammar.TokenConstraint;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Faults of the model and of single requests, and the end of the server. */
class FailureTest {

    private static void failOn(FakeLanguageModel model, String step) {
        model.before = call -> {
            if (call.startsWith(step)) {
                throw new IllegalStateException("engine: " + call);
            }
            return null;
        };
    }

    @Test
    void aFaultInOneRow_endsItAlone() throws InterruptedException {
        try (var bench = new Bench(
                new FakeLanguageModel(answering(Map.of("bad", "ab\u0007cd", "good", "a long enough answer"))))) {
            bench.model.pause();
            var bad = bench.start(text("bad"));
            var good = bench.start(text("good"));
            bench.model.resume();
            assertThat(bad.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
            assertThat(textOf(bad.chunks)).isEqualTo("ab");
            assertThat(good.end()).isNull();
            assertThat(textOf(good.chunks)).isEqualTo("a long enough answer");
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.HEALTHY);
        }
    }

    @Test
    void aPromptThatCannotBegin_takesItsRequestWithIt_andNoOtherOfTheSameCall() throws InterruptedException {
        var model = new FakeLanguageModel(rambling(), 12, 4096, false);
        try (var bench = new Bench(model, new SchedulerSettings(8, 8, 512, null, 0, 1 << 20, 0))) {
            var kept = text("the quick brown fox jumps").maxTokens(1);
            bench.run(kept);
            model.pause();
            model.allow(1);
            var running = bench.start(text("z").maxTokens(4));
            model.untilPaused();
            var innocent = bench.startQueued(text("another prompt").maxTokens(3), 1);
            var failing = bench.startQueued(kept.choices(2), 2);
            var copies = new AtomicInteger();
            model.before = call -> {
                if (call.startsWith("copy") && copies.incrementAndGet() == 2) {
                    throw new IllegalStateException("engine: " + call);
                }
                return null;
            };
            model.resume();
            assertThat(failing.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
            assertThat(innocent.end()).isNull();
            assertThat(running.end()).isNull();
            assertThat(textOf(innocent.chunks)).hasSize(3);
            assertThat(copies).hasValue(2);
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.HEALTHY);
        }
    }

    @Test
    void aRowThatCannotSayWhatItNeeds_failsAlone_whateverTheOthersAskFor() throws InterruptedException {
        var model = new FakeLanguageModel(tokens -> FakeLanguageModel.sure('a'));
        var health = new EngineHealth();
        var estimate = new WaitEstimate();
        var queue = new AdmissionQueue(4, 4, () -> 0, estimate);
        var good = new ArrayList<Bench.Caller>();
        var bad = new ArrayList<Bench.Caller>();
        for (var sampling : List.of(Requests.warm(1L), Sampling.GREEDY)) {
            good.add(submit(queue, sampling, null));
            bad.add(submit(queue, sampling, () -> Faulty.behindALetter(model.tokenizer())));
        }
        var loop = new BatchLoop(
                model,
                queue,
                new Counters(),
                health,
                estimate,
                Clock.systemUTC(),
                () -> 0,
                4,
                SchedulerSettings.DEFAULT);
        Thread thread = Thread.ofPlatform().start(loop);
        for (Bench.Caller caller : bad) {
            assertThat(caller.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
            assertThat(textOf(caller.chunks)).isEqualTo("a");
        }
        for (Bench.Caller caller : good) {
            assertThat(caller.end()).isNull();
            assertThat(textOf(caller.chunks)).isEqualTo("aaaaa");
        }
        queue.shut();
        thread.join();
        assertThat(model.calls).contains("decode 4");
        assertThat(health.fault()).isNull();
        assertThat(model.misuse()).isNull();
        assertThat(model.openSequences()).isZero();
        assertThat(model.openScores()).isZero();
    }

    private static Bench.Caller submit(
            AdmissionQueue queue, Sampling sampling, @Nullable Supplier<TokenConstraint> form) {
        var request = text("z").sampling(sampling).build();
        var prompt = new EncodedPrompt(new int[] {'z'}, "z", 5, form);
        var caller = new Bench.Caller();
        queue.enter();
        Flux.<CompletionChunk>create(sink -> queue.submit(new Generation(request, prompt, null, 0, sink)))
                .subscribe(caller);
        return caller;
    }

    @Test
    void scoresThatAreNotNumbers_areAFaultNotAToken() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        Arrays.fill(scores, Float.NaN);
        try (var bench = new Bench(new FakeLanguageModel(constant(scores)))) {
            assertThat(bench.refused(text("x").sampling(Requests.WARM)).kind()).isEqualTo(Kind.INTERNAL);
            assertThat(bench.refused(text("x").topLogprobs(1)).kind()).isEqualTo(Kind.INTERNAL);
        }
    }

    @Test
    void aFailedStepEndsItsRequests_andTheNextOnesAreServed() throws InterruptedException {
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            bench.model.pause();
            var first = bench.start(text("a").choices(2).maxTokens(5));
            var second = bench.start(text("b").maxTokens(5));
            bench.model.untilPaused();
            failOn(bench.model, "decode");
            bench.model.resume();
            assertThat(first.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
            assertThat(second.end()).isNotNull().hasMessageNotContaining("engine");
            bench.model.before = call -> null;
            assertThat(textOf(bench.run(text("a").maxTokens(5)))).hasSize(5);
            assertThat(bench.model.openSequences()).isZero();
        }
    }

    @Test
    void failuresInARow_makeTheServerUnhealthy_untilOneSucceeds() {
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            failOn(bench.model, "decode");
            for (int i = 0; i < EngineHealth.TOO_MANY_FAILURES; i++) {
                assertThat(bench.inference.readiness().status()).isEqualTo(Status.HEALTHY);
                assertThat(bench.refused(text("x")).kind()).isEqualTo(Kind.INTERNAL);
            }
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.UNHEALTHY);
            assertThat(bench.inference.readiness().detail()).contains("3 times in a row");
            bench.model.before = call -> null;
            bench.run(text("x").maxTokens(3));
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.HEALTHY);
        }
    }

    @Test
    void aSlotThatCannotBeOpened_failsTheRequest() {
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            bench.model.openFailure = new IllegalStateException("no memory");
            assertThat(bench.refused(text("x")).kind()).isEqualTo(Kind.INTERNAL);
            bench.model.openFailure = null;
            assertThat(textOf(bench.run(text("x").maxTokens(3)))).hasSize(3);
        }
    }

    @Test
    void whenTheSchedulersThreadDies_allAreTold_andTheServerIsUnhealthy() throws InterruptedException {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 1, 512, false))) {
            bench.model.pause();
            var running = bench.start(text("x"));
            var waiting = bench.start(text("y"));
            bench.model.before = call -> {
                throw new AssertionError("a defect");
            };
            bench.model.resume();
            assertThat(running.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
            assertThat(waiting.end()).isNotNull();
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.UNHEALTHY);
            assertThat(bench.refused(text("z")).kind()).isEqualTo(Kind.UNAVAILABLE);
        }
    }

    @Test
    void drainingRefusesNewRequests_andLetsAcceptedOnesEnd() throws Exception {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 1, 512, false))) {
            bench.model.pause();
            var running = bench.start(text("x").maxTokens(5));
            var waiting = bench.start(text("y").maxTokens(5));
            assertThat(bench.inference.drain(Duration.ZERO)).isFalse();
            assertThat(bench.inference.readiness().status()).isEqualTo(Status.UNHEALTHY);
            var refusal = bench.refused(text("z"));
            assertThat(refusal.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(refusal.retryAfter()).isPositive();
            var drained = CompletableFuture.supplyAsync(() -> {
                try {
                    return bench.inference.drain(Duration.ofSeconds(30));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            bench.model.resume();
            assertThat(drained.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(running.end()).isNull();
            assertThat(waiting.end()).isNull();
            assertThat(textOf(waiting.chunks)).hasSize(5);
        }
    }

    @Test
    void closingEndsEveryStream_andClosesTheModel() throws InterruptedException {
        var bench = new Bench(new FakeLanguageModel(rambling(), 1, 512, false));
        bench.model.pause();
        bench.model.allow(2);
        var running = bench.start(text("x"));
        bench.model.untilPaused();
        var waiting = bench.startQueued(text("y"), 1);
        bench.close();
        assertThat(running.end())
                .isNotNull()
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
        assertThat(waiting.end()).isNotNull();
        assertThat(bench.refused(text("z")).kind()).isEqualTo(Kind.UNAVAILABLE);
        bench.inference.close();
        assertThat(bench.model.closed).isTrue();
    }
}
