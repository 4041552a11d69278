package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who goes first. */
class FairnessTest {

    private static Bench bench(int slots, int chunk) {
        return new Bench(
                new FakeLanguageModel(rambling(), slots, 4096, false),
                new SchedulerSettings(slots, 256, chunk, null, 0, 0, 0));
    }

    private static List<String> prefills(Bench bench) {
        return bench.model.calls.stream()
                .filter(call -> call.startsWith("prefill"))
                .toList();
    }

    @Test
    void aTenantWithAHundredRequests_doesNotHoldUpAnothersOne() throws InterruptedException {
        try (var bench = bench(1, 512)) {
            bench.model.pause();
            var callers = new ArrayList<Bench.Caller>();
            callers.add(bench.start(text("x").maxTokens(2).tenant("many")));
            bench.model.untilPaused();
            for (int i = 1; i <= 100; i++) {
                callers.add(bench.startQueued(text("mm").maxTokens(2).tenant("many"), i));
            }
            callers.add(bench.startQueued(text("ooo").maxTokens(2).tenant("one"), 101));
            callers.add(bench.startQueued(text("tttt").maxTokens(2).tenant("two"), 102));
            callers.add(bench.startQueued(text("ooo").maxTokens(2).tenant("one"), 103));
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            assertThat(prefills(bench).subList(0, 7))
                    .containsExactly(
                            "prefill 1", "prefill 2", "prefill 3", "prefill 4", "prefill 2", "prefill 3", "prefill 2");
        }
    }

    @Test
    void choicesOfOneRequestTakeTurnsWithOtherTenants() throws InterruptedException {
        try (var bench = bench(1, 512)) {
            bench.model.pause();
            var first = bench.start(text("x").maxTokens(2).tenant("a"));
            bench.model.untilPaused();
            var choices = bench.startQueued(text("cc").choices(3).maxTokens(2).tenant("a"), 1);
            var other = bench.startQueued(text("ooo").maxTokens(2).tenant("b"), 2);
            bench.model.resume();
            for (var caller : List.of(first, choices, other)) {
                assertThat(caller.end()).isNull();
            }
            assertThat(prefills(bench))
                    .containsExactly("prefill 1", "prefill 2", "prefill 3", "prefill 2", "prefill 2");
        }
    }

    @Test
    void shortPromptsOfABurstComeBeforeALongOneOfIt() throws InterruptedException {
        try (var bench = bench(8, 100)) {
            bench.model.pause();
            bench.model.allow(1);
            var callers = new ArrayList<Bench.Caller>();
            callers.add(bench.start(text("z").maxTokens(2)));
            bench.model.untilPaused();
            callers.add(bench.startQueued(text("l".repeat(450)).maxTokens(1), 1));
            callers.add(bench.startQueued(text("s".repeat(40)).maxTokens(1), 2));
            callers.add(bench.startQueued(text("t".repeat(30)).maxTokens(1), 3));
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            assertThat(prefills(bench))
                    .containsExactly(
                            "prefill 1",
                            "prefill 30+40",
                            "prefill 100",
                            "prefill 100",
                            "prefill 100",
                            "prefill 100",
                            "prefill 50");
        }
    }

    @Test
    void aLongPromptIsPassedOverByAtMostItsOwnLength() throws InterruptedException {
        try (var bench = bench(2, 100)) {
            bench.model.pause();
            var callers = new ArrayList<Bench.Caller>();
            callers.add(bench.start(text("z").maxTokens(2)));
            bench.model.untilPaused();
            callers.add(bench.startQueued(text("l".repeat(400)).maxTokens(1), 1));
            for (int i = 0; i < 30; i++) {
                callers.add(bench.startQueued(text("s".repeat(99)).maxTokens(1), 2 + i));
            }
            bench.model.resume();
            for (var caller : callers) {
                assertThat(caller.end()).isNull();
            }
            // one of the two slots is the long one's; in the other short ones come and go
            assertThat(prefills(bench).subList(0, 10))
                    .containsExactly(
                            "prefill 1",
                            "prefill 99",
                            "prefill 99",
                            "prefill 99",
                            "prefill 99",
                            "prefill 100",
                            "prefill 100",
                            "prefill 100",
                            "prefill 100",
                            "prefill 99");
        }
    }
}
