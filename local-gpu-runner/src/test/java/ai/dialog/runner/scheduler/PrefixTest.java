package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.prompt;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.Requests.usageOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is not computed again, and whose it is. The fake model's text depends on every token, so a wrong copy changes it. */
class PrefixTest {

    private static final String SYSTEM =
            "You are a helpful assistant. ".repeat(18).substring(0, 500);

    private static Bench bench(int batch, int kept, int chunk) {
        return new Bench(
                new FakeLanguageModel(rambling(), batch + kept, 4096, false),
                new SchedulerSettings(batch, 256, chunk, null, 0, 1 << 20, 0));
    }

    private static String alone(Requests.Builder request) {
        try (var bench = new Bench(
                new FakeLanguageModel(rambling(), 4, 4096, false), new SchedulerSettings(4, 8, 512, null, 0, 0, 0))) {
            return textOf(bench.run(request));
        }
    }

    private static SchedulerMetrics.Cache figures(Bench bench) {
        return bench.inference.metrics().cache();
    }

    @Test
    void fiftyRequestsAtOnceWithOneSystemPrompt_computeItOnce() throws InterruptedException {
        try (var bench = bench(32, 16, 128)) {
            bench.model.pause();
            var callers = new ArrayList<Bench.Caller>();
            for (int i = 0; i < 50; i++) {
                callers.add(bench.start(text(SYSTEM + "question " + (10 + i)).maxTokens(8)));
            }
            bench.model.resume();
            for (int i = 0; i < 50; i++) {
                assertThat(callers.get(i).end()).isNull();
                assertThat(textOf(callers.get(i).chunks))
                        .isEqualTo(alone(text(SYSTEM + "question " + (10 + i)).maxTokens(8)));
            }
            var metrics = bench.inference.metrics();
            // the first whole, of each other the two digits at most
            assertThat(metrics.prefilledTokens()).isBetween(511L + 49, 511L + 2 * 49);
            assertThat(metrics.cache().lookups()).isEqualTo(50);
            assertThat(metrics.cache().hits()).isEqualTo(49);
            assertThat(metrics.prefilledTokens() + metrics.cache().reusedTokens())
                    .isEqualTo(50 * 511);
        }
    }

    @Test
    void theNextTurnOfAConversation_beginsWhereTheLastOneEnded() {
        try (var bench = bench(2, 4, 512)) {
            String first = "user: what is the capital of France? assistant: ";
            String answer = textOf(bench.run(text(first).maxTokens(40)));
            var request = text(first + answer + " user: and of Spain?").maxTokens(10);
            var chunks = bench.run(request);
            assertThat(textOf(chunks)).isEqualTo(alone(request));
            // the last token of the answer was chosen, and never computed
            int cached = first.length() + 39;
            assertThat(usageOf(chunks)).isEqualTo(new Usage(first.length() + 40 + 20, 10, cached));
            assertThat(bench.model.calls).contains("copy " + cached, "prefill 21");
        }
    }

    @Test
    void theSamePromptAgain_computesItsLastToken() {
        try (var bench = bench(2, 4, 512)) {
            var request = text("the quick brown fox jumps").maxTokens(5);
            var first = bench.run(request);
            var again = bench.run(request);
            assertThat(textOf(again)).isEqualTo(textOf(first));
            assertThat(usageOf(first).cachedTokens()).isZero();
            assertThat(usageOf(again).cachedTokens()).isEqualTo(24);
            assertThat(bench.model.calls).containsSubsequence("prefill 25", "copy 24", "prefill 1");
        }
    }

    @Test
    void choicesOfOneRequest_computeItsPromptOnce_alsoWhereNothingIsShared() {
        for (long bytes : new long[] {0, 1 << 20}) {
            try (var bench = new Bench(
                    new FakeLanguageModel(rambling(), 8, 4096, false),
                    new SchedulerSettings(8, 8, 50, null, 0, bytes, 0))) {
                var request = text("x".repeat(200)).choices(5).maxTokens(9).sampling(Requests.warm(7L));
                var chunks = bench.run(request);
                assertThat(bench.inference.metrics().prefilledTokens()).isEqualTo(200 + 4);
                assertThat(usageOf(chunks)).isEqualTo(new Usage(200, 45, 0));
                try (var plain = new Bench(new FakeLanguageModel(rambling(), 1, 4096, false))) {
                    var alone = plain.run(request);
                    for (int choice = 0; choice < 5; choice++) {
                        assertThat(textOf(chunks, choice)).isEqualTo(textOf(alone, choice));
                    }
                }
            }
        }
    }

    @Test
    void choicesWaitForTheOneThatScoresThePromptForAll() {
        try (var bench = bench(4, 8, 512)) {
            var request = text("the quick brown fox jumps").maxTokens(5);
            bench.run(request); // what is kept of it must not let the second choice overtake
            var chunks = bench.run(request.echo().topLogprobs(1).choices(2));
            for (int choice = 0; choice < 2; choice++) {
                int which = choice;
                var first = chunks.stream()
                        .filter(CompletionChunk.Delta.class::isInstance)
                        .map(CompletionChunk.Delta.class::cast)
                        .filter(delta -> delta.choice() == which)
                        .findFirst()
                        .orElseThrow();
                assertThat(first.logprobs()).hasSize("the quick brown fox jumps".length());
            }
        }
    }

    @Test
    void anotherTenantGetsNothing_whetherTheFirstRunsOrIsOver() throws InterruptedException {
        try (var bench = bench(4, 8, 64)) {
            // over
            bench.run(text(SYSTEM + "a").maxTokens(3).tenant("A"));
            bench.model.calls.clear();
            var after = bench.run(text(SYSTEM + "b").maxTokens(3).tenant("B"));
            List<String> ofB = List.copyOf(bench.model.calls);
            assertThat(usageOf(after).cachedTokens()).isZero();
            assertThat(figures(bench).hits()).isZero();

            // running, with its prompt computed
            bench.model.pause();
            bench.model.allow(9);
            var running = bench.start(text("z" + SYSTEM + "a").maxTokens(100).tenant("A"));
            bench.model.untilPaused();
            long before = bench.inference.metrics().prefilledTokens();
            var other = bench.startQueued(text("z" + SYSTEM + "b").maxTokens(3).tenant("B"), 1);
            bench.model.resume();
            assertThat(running.end()).isNull();
            assertThat(other.end()).isNull();
            assertThat(usageOf(other.chunks).cachedTokens()).isZero();
            assertThat(bench.inference.metrics().prefilledTokens() - before).isEqualTo(502);
            assertThat(figures(bench).hits()).isZero();

            // being computed: neither waits for the other, and the calls are those of prompts that have nothing in
            // common
            assertThat(callsOfTwo(SYSTEM, SYSTEM)).isEqualTo(callsOfTwo(SYSTEM, "#".repeat(500)));
            assertThat(ofB).isEqualTo(callsOfOne(text(SYSTEM + "b").maxTokens(3).tenant("B")));
        }
    }

    private static List<String> callsOfOne(Requests.Builder request) {
        try (var bench = bench(4, 8, 64)) {
            bench.run(request);
            return List.copyOf(bench.model.calls);
        }
    }

    private static List<String> callsOfTwo(String ofA, String ofB) throws InterruptedException {
        try (var bench = bench(4, 8, 64)) {
            bench.model.pause();
            bench.model.allow(2);
            var a = bench.start(text(ofA + "a").maxTokens(30).tenant("A"));
            bench.model.untilPaused();
            var b = bench.startQueued(text(ofB + "b").maxTokens(30).tenant("B"), 1);
            bench.model.resume();
            assertThat(a.end()).isNull();
            assertThat(b.end()).isNull();
            return List.copyOf(bench.model.calls);
        }
    }

    @Test
    void aPromptThatIsScored_isComputedWhole() {
        try (var bench = bench(2, 4, 512)) {
            String prompt = "the quick brown fox jumps over";
            bench.run(text(prompt).maxTokens(3));
            var chunks = bench.run(text(prompt).maxTokens(3).echo().topLogprobs(1));
            assertThat(Requests.logprobsOf(chunks)).hasSize(33);
            assertThat(usageOf(chunks).cachedTokens()).isZero();
            assertThat(bench.model.calls).doesNotContain("copy 29");
        }
    }

    @Test
    void whoeverLeaves_leavesWhatWasComputedToTheOthersOfItsTenant() {
        try (var bench = bench(1, 4, 100)) {
            bench.model.pause();
            bench.model.allow(2);
            var leaving = bench.start(text("y".repeat(300)));
            bench.model.untilPaused();
            leaving.cancel();
            bench.model.resume();
            bench.untilIdle();
            int computed = Math.toIntExact(bench.inference.metrics().prefilledTokens());
            assertThat(usageOf(bench.run(text("y".repeat(310)).maxTokens(1))).cachedTokens())
                    .isEqualTo(computed)
                    .isPositive();
        }
    }

    @Test
    void aStepThatFailed_leavesNothing() {
        try (var bench = bench(1, 4, 100)) {
            bench.model.before = call -> {
                if (call.startsWith("decode")) {
                    throw new IllegalStateException("broken");
                }
                return null;
            };
            assertThat(bench.refused(text("y".repeat(30)).maxTokens(5))).isNotNull();
            assertThat(figures(bench).prefixBytes()).isZero();
            bench.model.before = call -> null;
            assertThat(usageOf(bench.run(text("y".repeat(30)).maxTokens(5))).cachedTokens())
                    .isZero();
        }
    }

    @Test
    void whatWasNotUsedForLongest_goesFirst_andAContinuedConversationIsKeptOnce() {
        try (var bench = bench(1, 2, 512)) {
            String a = "a".repeat(20);
            String b = "b".repeat(20);
            bench.run(text(a).maxTokens(1));
            bench.run(text(b).maxTokens(1));
            assertThat(figures(bench).prefixBytes()).isEqualTo(40);
            bench.run(text(a + "more").maxTokens(1)); // replaces the shorter one
            assertThat(figures(bench).prefixBytes()).isEqualTo(44);
            bench.run(text("c".repeat(20)).maxTokens(1)); // b goes
            assertThat(cached(bench, a)).isEqualTo(19);
            assertThat(cached(bench, b)).isZero();
        }
    }

    private static int cached(Bench bench, String text) {
        return usageOf(bench.run(text(text).maxTokens(1))).cachedTokens();
    }

    @Test
    void moreBytesThanTheBoundAreNeverKept() {
        try (var bench = new Bench(
                new FakeLanguageModel(rambling(), 40, 4096, false),
                new SchedulerSettings(2, 8, 512, null, 0, 100, 0))) {
            for (int i = 0; i < 20; i++) {
                bench.run(text("" + (char) ('A' + i) + "p".repeat(10 * i)).maxTokens(2));
                bench.untilIdle();
                assertThat(figures(bench).prefixBytes()).isBetween(0L, 100L);
            }
        }
    }

    @Test
    void tokensThatOnlyLookAlikeShareNoMoreThanTheyHaveInCommon() {
        try (var bench = bench(2, 4, 512)) {
            List<Integer> ids = new ArrayList<>(
                    java.util.stream.IntStream.range(60, 100).boxed().toList());
            bench.run(prompt(new Prompt.Tokens(List.copyOf(ids))).maxTokens(2));
            ids.set(20, 5);
            var request = prompt(new Prompt.Tokens(List.copyOf(ids))).maxTokens(2);
            List<CompletionChunk> chunks = Objects.requireNonNull(bench.run(request));
            assertThat(usageOf(chunks).cachedTokens()).isEqualTo(20);
            assertThat(textOf(chunks)).isEqualTo(alone(request));
            ids.set(9, 6);
            assertThat(usageOf(bench.run(
                                    prompt(new Prompt.Tokens(List.copyOf(ids))).maxTokens(2)))
                            .cachedTokens())
                    .as("a beginning of nine tokens is not worth a copy")
                    .isZero();
        }
    }

    @Test
    void atTheEndTheModelIsClosedFirst_soThatNothingIsFreedOneByOne() {
        FakeLanguageModel model;
        try (var bench = bench(1, 4, 512)) {
            model = bench.model;
            bench.run(text("a".repeat(20)).maxTokens(1));
            bench.run(text("b".repeat(20)).maxTokens(1));
        }
        assertThat(model.openAtClose).isEqualTo(2);
    }
}
