package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.Requests.usageOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Requests share a memory that does not hold all of them at once; the fake model's sequence takes a byte a token. */
class CacheMemoryTest {

    private static Bench bench(int slots, long memory, long prefixes) {
        var model = new FakeLanguageModel(rambling(), slots + 8, 2000, false);
        model.cacheLimit = memory;
        return new Bench(model, new SchedulerSettings(slots, 256, 512, null, 0, prefixes, 0));
    }

    @Test
    void whatFitsOnlyAlone_waitsInLine_andNobodyOvertakesIt() throws InterruptedException {
        try (var bench = bench(8, 300, 0)) {
            bench.model.pause();
            bench.model.allow(1);
            var running = bench.start(text("aaaa").maxTokens(96));
            bench.model.untilPaused();
            var large = bench.startQueued(text("bbbb").maxTokens(246), 1);
            var small = bench.startQueued(text("cccc").maxTokens(6), 2);
            bench.model.allow(20);
            bench.model.untilPaused();
            assertThat(bench.inference.readiness().queued()).isEqualTo(2);
            assertThat(bench.inference.metrics().cache().reservedBytes()).isEqualTo(100);
            bench.model.resume();
            for (var caller : new Bench.Caller[] {running, large, small}) {
                assertThat(caller.end()).isNull();
            }
            assertThat(textOf(large.chunks)).hasSize(246);
            assertThat(textOf(small.chunks)).hasSize(6);
            assertThat(bench.model.calls.indexOf("decode 2"))
                    .as("the large one ran beside the small one, after the first was over")
                    .isGreaterThan(95);
        }
    }

    @Test
    void whatCanNeverFit_isRefusedAtOnce_andSaysWhy() {
        try (var bench = bench(4, 100, 0)) {
            var tooMuch = bench.refused(text("x".repeat(60)).maxTokens(41));
            assertThat(tooMuch.kind()).isEqualTo(Kind.CONTEXT_LENGTH_EXCEEDED);
            assertThat(tooMuch.param()).isEqualTo("max_tokens");
            assertThat(tooMuch).hasMessageContaining("at most 100 tokens").hasMessageContaining("at most 40 tokens");
            var tooLong = bench.refused(text("x".repeat(100)).maxTokens(1));
            assertThat(tooLong.param()).isEqualTo("prompt");
            assertThat(tooLong).hasMessageContaining("reduce the length of the prompt");
            assertThat(textOf(bench.run(text("x".repeat(60)).maxTokens(40)))).hasSize(40);
        }
    }

    @Test
    void whoNamesNoBound_getsWhatTheMemoryLeaves() {
        try (var bench = bench(4, 100, 0)) {
            var chunks = bench.run(text("x".repeat(60)));
            assertThat(usageOf(chunks).completionTokens()).isEqualTo(40);
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);
            assertThat(bench.inference.models().getFirst().contextLength()).isEqualTo(100);
        }
    }

    @Test
    void keptPrefixesGo_beforeARequestWaits() throws InterruptedException {
        try (var bench = bench(4, 300, 300)) {
            bench.run(text("a".repeat(90)).maxTokens(1));
            bench.run(text("b".repeat(90)).maxTokens(1));
            bench.untilIdle();
            assertThat(bench.inference.metrics().cache().prefixBytes()).isEqualTo(180);
            bench.model.pause();
            bench.model.allow(1);
            var caller = bench.start(text("cc").maxTokens(198));
            bench.model.untilPaused();
            assertThat(bench.inference.metrics().cache().prefixBytes()).isEqualTo(90);
            assertThat(bench.inference.readiness().activeSlots()).isEqualTo(1);
            bench.model.resume();
            assertThat(caller.end()).isNull();
            assertThat(usageOf(bench.run(text("b".repeat(95)).maxTokens(1))).cachedTokens())
                    .isEqualTo(90);
        }
    }

    @Test
    void fiftyConversationsOfMixedLength_areAllServedWhole_neverBeyondTheMemory() throws InterruptedException {
        try (var bench = bench(32, 3000, 500)) {
            var random = new Random(1);
            var most = new ArrayList<Long>();
            bench.model.before = call -> {
                var cache = bench.inference.metrics().cache();
                most.add(cache.reservedBytes() + cache.prefixBytes());
                return null;
            };
            var callers = new ArrayList<Bench.Caller>();
            var lengths = new ArrayList<Integer>();
            for (int i = 0; i < 50; i++) {
                int length = 1 + random.nextInt(i % 5 == 0 ? 900 : 60);
                lengths.add(length);
                callers.add(bench.start(text("p".repeat(1 + random.nextInt(i % 7 == 0 ? 1000 : 100)))
                        .maxTokens(length)));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(callers.get(i).end()).isNull();
                assertThat(textOf(callers.get(i).chunks)).hasSize(lengths.get(i));
            }
            assertThat(most).allSatisfy(bytes -> assertThat(bytes).isBetween(0L, 3000L));
        }
    }
}
