package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.answering;
import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.Requests.until;
import static ai.dialog.runner.scheduler.Requests.usageOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several requests at once: who runs when, and who leaves how. */
class BatchingTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private static FakeLanguageModel slots(int slots) {
        return new FakeLanguageModel(rambling(), slots, 2048, false);
    }

    private static SchedulerSettings settings(int queue, int chunk) {
        return new SchedulerSettings(32, queue, chunk, null, 0, 0, 0);
    }

    @Test
    void requestsJoinAndLeaveARunningBatch() throws InterruptedException {
        try (var bench = new Bench(slots(4))) {
            bench.model.pause();
            bench.model.allow(2);
            var first = bench.start(text("aaaaa").maxTokens(5));
            bench.model.untilPaused();
            var second = bench.startQueued(text("bbb").maxTokens(2), 1);
            bench.model.resume();
            assertThat(first.end()).isNull();
            assertThat(second.end()).isNull();
            // The third decode stood still when the second request came; its prompt follows, then both go on together.
            assertThat(bench.model.calls)
                    .containsExactly("prefill 5", "decode 1", "decode 1", "prefill 3", "decode 2", "decode 1");
        }
    }

    @Test
    void aLongPromptIsComputedInChunksBetweenDecodeSteps() throws InterruptedException {
        try (var bench = new Bench(slots(4), settings(8, 100))) {
            bench.model.pause();
            bench.model.allow(1);
            var running = bench.start(text("hi").maxTokens(7));
            bench.model.untilPaused();
            var longer = bench.startQueued(text("x".repeat(250)).maxTokens(2), 1);
            bench.model.resume();
            assertThat(running.end()).isNull();
            assertThat(longer.end()).isNull();
            assertThat(bench.model.calls)
                    .containsExactly(
                            "prefill 2",
                            "decode 1",
                            "prefill 100",
                            "decode 1",
                            "prefill 100",
                            "decode 1",
                            "prefill 50",
                            "decode 2",
                            "decode 1",
                            "decode 1");
        }
    }

    @Test
    void whatTheModelPutOffAtLoadIsDoneWhileNobodyAsks() {
        var model = slots(4);
        model.unsettled.set(5);
        try (var bench = new Bench(model)) {
            until("all is done", () -> model.unsettled.get() == 0);
            assertThat(textOf(bench.run(text("hi").maxTokens(3)))).hasSize(3);
        }
    }

    @Test
    void whatTheModelPutOffAtLoadIsDoneBesideAnswers_aPartInSomeTurns() throws InterruptedException {
        var model = slots(4);
        model.unsettled.set(Integer.MAX_VALUE);
        var left = new CopyOnWriteArrayList<Integer>();
        model.before = call -> {
            left.add(model.unsettled.get());
            return null;
        };
        try (var bench = new Bench(model)) {
            var caller = bench.start(text("hi").maxTokens(2 * BatchLoop.TURNS_TO_SETTLE + 2));
            assertThat(caller.end()).isNull();
            // a prompt, whose scores give the first token, and a step for each other
            assertThat(left).hasSize(2 * BatchLoop.TURNS_TO_SETTLE + 2);
            assertThat(left.getFirst() - left.getLast()).isEqualTo(2);
        }
    }

    @Test
    void whatCannotBeDoneAfterTheLoadIsNotTriedAgain() {
        var model = slots(4);
        model.unsettled.set(5);
        model.settleFailure = new IllegalStateException("no memory");
        try (var bench = new Bench(model)) {
            assertThat(textOf(bench.run(text("hi").maxTokens(3)))).hasSize(3);
            assertThat(bench.inference.readiness().status()).isEqualTo(Readiness.Status.HEALTHY);
        }
    }

    @Test
    void shortPromptsShareAChunkAndItsCall_inTheirOrder() throws InterruptedException {
        try (var bench = new Bench(slots(8), settings(8, 100))) {
            bench.model.pause();
            bench.model.allow(1);
            bench.start(text("z").maxTokens(2));
            bench.model.untilPaused();
            var callers = new ArrayList<Bench.Caller>();
            for (int i = 1; i <= 4; i++) {
                callers.add(bench.startQueued(text("p".repeat(39 + i)).maxTokens(1), i));
            }
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            assertThat(bench.model.calls).containsExactly("prefill 1", "decode 1", "prefill 40+41", "prefill 42+43");
        }
    }

    @Test
    void everyoneGetsTheSameTextAloneAndInABatch_greedyAndSeeded() throws InterruptedException {
        try (var bench = new Bench(slots(3), settings(64, 7))) {
            var requests = new ArrayList<Requests.Builder>();
            for (int i = 0; i < 12; i++) {
                var request = text("prompt number " + i).maxTokens(30);
                requests.add(i % 2 == 0 ? request : request.sampling(Requests.warm((long) i)));
            }
            var alone = requests.stream().map(bench::run).map(Requests::textOf).toList();
            var together = requests.stream().map(bench::start).toList();
            for (int i = 0; i < together.size(); i++) {
                assertThat(together.get(i).end()).isNull();
                assertThat(textOf(together.get(i).chunks))
                        .isEqualTo(alone.get(i))
                        .hasSize(30);
            }
            assertThat(alone).doesNotHaveDuplicates();
        }
    }

    @Test
    void seedsGiveOtherTexts_noSeedAnotherEachTime() {
        try (var bench = new Bench(slots(3))) {
            var one = textOf(bench.run(text("a").maxTokens(30).sampling(Requests.warm(1L))));
            assertThat(textOf(bench.run(text("a").maxTokens(30).sampling(Requests.warm(1L)))))
                    .isEqualTo(one);
            assertThat(textOf(bench.run(text("a").maxTokens(30).sampling(Requests.warm(2L)))))
                    .isNotEqualTo(one);
            assertThat(textOf(bench.run(text("a").maxTokens(30).sampling(Requests.WARM))))
                    .isNotEqualTo(textOf(bench.run(text("a").maxTokens(30).sampling(Requests.WARM))));
        }
    }

    @Test
    void choicesTakeSlotsAsTheyComeFree_andNobodyOvertakesThem() throws InterruptedException {
        try (var bench = new Bench(slots(2))) {
            bench.model.pause();
            var callers = new ArrayList<Bench.Caller>();
            callers.add(bench.start(text("a").maxTokens(9)));
            bench.model.untilPaused();
            callers.add(bench.startQueued(text("bb").choices(3).maxTokens(3), 1));
            callers.add(bench.startQueued(text("ccc").maxTokens(3), 2));
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            assertThat(finishesOf(callers.get(1).chunks)).hasSize(3);
            assertThat(bench.model.calls.stream().filter(call -> call.startsWith("prefill")))
                    .containsExactly("prefill 1", "prefill 2", "prefill 2", "prefill 2", "prefill 3");
            assertThat(bench.inference.metrics().completed()).isEqualTo(3);
        }
    }

    @Test
    void oneSlotServesInOrderOfArrival() throws InterruptedException {
        try (var bench = new Bench(slots(1))) {
            bench.model.pause();
            var callers = new ArrayList<Bench.Caller>();
            callers.add(bench.start(text("x").maxTokens(2)));
            bench.model.untilPaused();
            for (int i = 2; i <= 6; i++) {
                callers.add(bench.startQueued(text("x".repeat(i)).maxTokens(2), i - 1));
            }
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            assertThat(bench.model.calls.stream().filter(call -> call.startsWith("prefill")))
                    .containsExactly("prefill 1", "prefill 2", "prefill 3", "prefill 4", "prefill 5", "prefill 6");
        }
    }

    @Test
    void aFullQueueRefusesWithAWait_andTakesRequestsAgainWhenThereIsRoom() throws InterruptedException {
        try (var bench = new Bench(slots(1), settings(2, 100))) {
            bench.model.pause();
            var running = bench.start(text("x").maxTokens(2));
            bench.model.untilPaused();
            var second = bench.startQueued(text("y").maxTokens(2), 1);
            var third = bench.startQueued(text("z").maxTokens(2), 2);
            var refusal = bench.refused(text("w"));
            assertThat(refusal.kind()).isEqualTo(Kind.OVERLOADED);
            assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
            assertThat(bench.inference.metrics().refused()).isEqualTo(1);
            bench.model.resume();
            for (var caller : List.of(running, second, third)) {
                assertThat(caller.end()).isNull();
            }
            assertThat(textOf(bench.run(text("w").maxTokens(2)))).hasSize(2);
        }
    }

    @Test
    void theFirstTokenIsHandedOnBeforeTheNextIsMade() {
        try (var bench = new Bench(slots(1))) {
            bench.model.pause();
            bench.model.allow(1);
            var caller = bench.start(text("x").maxTokens(2));
            until("the first token is there", () -> caller.chunks.size() == 1);
            assertThat(bench.model.calls).containsExactly("prefill 1");
            assertThat(bench.inference.metrics().firstTokens()).isEqualTo(1);
            assertThat(bench.inference.metrics().firstTokenTime()).isPositive();
        }
    }

    @Test
    void aCallerWhoLeaves_freesTheSlotAtTheNextStep() {
        try (var bench = new Bench(slots(1))) {
            bench.model.pause();
            bench.model.allow(3);
            var caller = bench.start(text("x"));
            bench.model.untilPaused();
            caller.cancel();
            bench.model.allow(1);
            bench.untilIdle();
            assertThat(bench.model.calls).hasSize(4);
            assertThat(bench.model.openSequences()).isZero();
            assertThat(bench.inference.metrics().cancelled()).isEqualTo(1);
        }
    }

    @Test
    void aCallerWhoLeavesInThePrompt_freesTheSlot() {
        try (var bench = new Bench(slots(1), settings(4, 10))) {
            bench.model.pause();
            bench.model.allow(2);
            var caller = bench.start(text("x".repeat(95)));
            bench.model.untilPaused();
            caller.cancel();
            bench.model.allow(1);
            bench.untilIdle();
            assertThat(bench.model.calls).hasSizeBetween(2, 3).containsOnly("prefill 10");
            assertThat(bench.model.openSequences()).isZero();
        }
    }

    @Test
    void aCallerWhoLeavesTheQueue_isNeverStarted() throws InterruptedException {
        try (var bench = new Bench(slots(1))) {
            bench.model.pause();
            var running = bench.start(text("x").maxTokens(4));
            bench.model.untilPaused();
            var waiting = bench.startQueued(text("yy").maxTokens(4), 1);
            waiting.cancel();
            bench.model.allow(2);
            until("the queue is empty", () -> bench.inference.readiness().queued() == 0);
            bench.model.resume();
            assertThat(running.end()).isNull();
            bench.untilIdle();
            assertThat(bench.model.calls).doesNotContain("prefill 2");
            assertThat(bench.inference.metrics().cancelled()).isEqualTo(1);
        }
    }

    @Test
    void theDeadlineEndsWhatRuns_andRefusesWhatStillWaits() throws InterruptedException {
        try (var bench = new Bench(slots(1))) {
            var deadline = bench.clock.instant().plus(HOUR);
            bench.model.pause();
            bench.model.allow(3);
            var running = bench.start(text("x").deadline(deadline));
            bench.model.untilPaused();
            var waiting = bench.startQueued(text("y").deadline(deadline), 1);
            bench.clock.advance(HOUR);
            bench.model.resume();
            assertThat(running.end()).isNull();
            assertThat(finishesOf(running.chunks)).containsExactly(FinishReason.LENGTH);
            assertThat(usageOf(running.chunks).completionTokens()).isEqualTo(4);
            assertThat(waiting.end())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT));
        }
    }

    @Test
    void theDefaultDeadlineHolds_andChoicesThatNeverGotASlotEndToo() throws InterruptedException {
        try (var bench = new Bench(slots(1), new SchedulerSettings(1, 4, 100, HOUR, 0, 0, 0))) {
            bench.model.pause();
            var caller = bench.start(text("x").choices(3));
            bench.model.allow(1);
            until("a token is there", () -> caller.chunks.size() == 1);
            bench.clock.advance(HOUR);
            bench.model.resume();
            assertThat(caller.end()).isNull();
            assertThat(finishesOf(caller.chunks)).hasSize(3).containsOnly(FinishReason.LENGTH);
            assertThat(caller.chunks.getLast()).isInstanceOf(CompletionChunk.Total.class);
        }
    }

    @Test
    void aSlowCallerHoldsUpNobody_andMissesNothing() throws InterruptedException {
        try (var bench = new Bench(slots(2))) {
            var gate = new CountDownLatch(1);
            var slow = new CopyOnWriteArrayList<CompletionChunk>();
            var done = new CountDownLatch(1);
            bench.inference
                    .complete(text("slow").maxTokens(300).build())
                    .doOnNext(chunk -> {
                        try {
                            assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        slow.add(chunk);
                    })
                    .doOnComplete(done::countDown)
                    .subscribe();
            assertThat(textOf(bench.run(text("fast").maxTokens(200)))).hasSize(200);
            bench.untilIdle();
            assertThat(slow).isEmpty();
            gate.countDown();
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(textOf(slow)).hasSize(300);
        }
    }

    @Test
    void readinessTellsWhatIsGoingOn() {
        try (var bench = new Bench(slots(1))) {
            assertThat(bench.inference.readiness()).isEqualTo(new Readiness(Readiness.Status.HEALTHY, "", 0, 1, 0));
            bench.model.pause();
            bench.start(text("x").maxTokens(2));
            bench.model.untilPaused();
            bench.startQueued(text("y").maxTokens(2), 1);
            assertThat(bench.inference.readiness()).isEqualTo(new Readiness(Readiness.Status.HEALTHY, "", 1, 1, 1));
        }
    }

    @Test
    void metricsCountWhatWasDone() {
        try (var bench = new Bench(new FakeLanguageModel(answering(Map.of("Q:", "abc"))))) {
            bench.run(text("Q:"));
            bench.run(text("Q:").maxTokens(2));
            var metrics = bench.inference.metrics();
            assertThat(metrics.accepted()).isEqualTo(2);
            assertThat(metrics.completed()).isEqualTo(2);
            assertThat(metrics.prefilledTokens()).isEqualTo(4);
            assertThat(metrics.decodedTokens()).isEqualTo(6);
            assertThat(metrics.decodeSteps()).isEqualTo(4);
            assertThat(metrics.firstTokens()).isEqualTo(2);
        }
    }
}
