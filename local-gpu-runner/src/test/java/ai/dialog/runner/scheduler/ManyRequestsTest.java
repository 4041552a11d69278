package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A crowd: every stream ends, every slot comes back, nobody gets another's text. */
class ManyRequestsTest {

    private static final int CALLERS = 500;

    @Test
    void aCrowdThatLeavesAtRandom_leavesNothingBehind() throws InterruptedException {
        var settings = new SchedulerSettings(8, CALLERS, 16, null, 0, 0, 0);
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 8, 128, false), settings)) {
            var random = new Random(1);
            var alone = textOf(bench.run(text("prompt 7").maxTokens(25)));
            var callers = new ArrayList<Bench.Caller>();
            var left = new HashSet<Bench.Caller>();
            for (int i = 0; i < CALLERS; i++) {
                int choices = i % 10 == 7 ? 1 : 1 + random.nextInt(2);
                callers.add(bench.start(text("prompt " + i % 10).maxTokens(25).choices(choices)));
                int leaving = random.nextInt(callers.size());
                if (random.nextInt(3) == 0 && leaving % 10 != 7) {
                    callers.get(leaving).cancel();
                    left.add(callers.get(leaving));
                }
            }
            for (int i = 0; i < CALLERS; i++) {
                if (!left.contains(callers.get(i))) {
                    assertThat(callers.get(i).end()).isNull();
                }
                if (i % 10 == 7) {
                    assertThat(textOf(callers.get(i).chunks)).isEqualTo(alone);
                }
            }
            bench.untilIdle();
            var metrics = bench.inference.metrics();
            assertThat(metrics.accepted()).isEqualTo(CALLERS + 1);
            assertThat(metrics.failed()).isZero();
            assertThat(metrics.cancelled()).isPositive();
            assertThat(bench.model.openSequences()).isZero();
        }
    }

    @Test
    void aCrowdBeforeASmallQueue_isServedOrRefused_nothingElse() throws InterruptedException {
        var settings = new SchedulerSettings(4, 5, 16, null, 0, 0, 0);
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 128, false), settings)) {
            var callers = new ArrayList<Bench.Caller>();
            for (int i = 0; i < 200; i++) {
                var caller = new Bench.Caller();
                bench.inference
                        .complete(text("prompt " + i).maxTokens(10).build())
                        .subscribe(caller);
                callers.add(caller);
            }
            int served = 0;
            for (var caller : callers) {
                InferenceException refusal = caller.end();
                if (refusal == null) {
                    assertThat(textOf(caller.chunks)).hasSize(10);
                    served++;
                } else {
                    assertThat(refusal.kind()).isEqualTo(Kind.OVERLOADED);
                    assertThat(refusal.retryAfter()).isPositive();
                }
            }
            bench.untilIdle();
            assertThat(served).isGreaterThanOrEqualTo(9);
            assertThat(bench.inference.metrics().refused()).isEqualTo(200 - served);
        }
    }
}
