package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is asked of the scores of one step. */
class StepChoiceTest {

    private static final Sampling BIASED = new Sampling(1, 1, 0, 0, 0, 0, 1, 3L, Map.of((int) 'q', 2.0));
    private static final Sampling NUCLEUS = new Sampling(0.7, 0.9, 0, 0, 0, 0, 1, 2L, Map.of());

    private static List<Requests.Builder> requests() {
        return List.of(
                text("greedy").maxTokens(9),
                text("warm").sampling(Requests.warm(1L)).maxTokens(9),
                text("biased").sampling(BIASED).maxTokens(9),
                text("nucleus").sampling(NUCLEUS).maxTokens(9));
    }

    private static FakeLanguageModel model() {
        return new FakeLanguageModel(rambling(), 8, 512, false);
    }

    @Test
    void rowsOfOneStep_eachTakeTheirOwnWay_andSayWhatTheySayAlone() throws InterruptedException {
        var alone = new ArrayList<String>();
        for (Requests.Builder request : requests()) {
            try (var bench = new Bench(model())) {
                alone.add(textOf(bench.run(request)));
            }
        }
        try (var bench = new Bench(model())) {
            bench.model.pause();
            bench.model.allow(1);
            var first = bench.start(text("z").maxTokens(2));
            bench.model.untilPaused();
            var callers = new ArrayList<Bench.Caller>();
            for (Requests.Builder request : requests()) {
                callers.add(bench.startQueued(request, callers.size() + 1));
            }
            bench.model.resume();
            assertThat(first.end()).isNull();
            var together = new ArrayList<String>();
            for (Bench.Caller caller : callers) {
                assertThat(caller.end()).isNull();
                together.add(textOf(caller.chunks));
            }
            assertThat(together).isEqualTo(alone);
            assertThat(bench.model.calls).contains("decode 4");
            // One call for both that only draw, the best tokens of all, and a copy for the one whose scores are
            // changed.
            assertThat(bench.model.questions).contains("weigh 2", "best", "copy");
        }
    }

    @Test
    void aRowAlone_asksForNothingElse() {
        var asked = new ArrayList<TreeSet<String>>();
        for (Requests.Builder request : requests()) {
            try (var bench = new Bench(model())) {
                bench.run(request);
                assertThat(bench.model.questions).hasSizeLessThanOrEqualTo(9);
                asked.add(new TreeSet<>(bench.model.questions));
            }
        }
        assertThat(asked.get(0)).containsExactly("best");
        assertThat(asked.get(1)).containsExactly("weigh 1");
        assertThat(asked.get(2)).containsExactly("copy");
        assertThat(asked.get(3)).containsExactly("weigh 1");
    }
}
