package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Readiness.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a server says before its model is there; and the settings. */
class LoadingInferenceTest {

    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static InferenceException refusal(LoadingInference inference) {
        var request = text("x").maxTokens(1).build();
        return catchThrowableOfType(
                InferenceException.class, () -> inference.complete(request).blockLast());
    }

    @Test
    void whileTheModelLoads_requestsAreAskedToComeBack() {
        var inference = new LoadingInference(1, MOMENT);
        inference.progress("downloading, 40 %");
        assertThat(inference.readiness()).isEqualTo(new Readiness(Status.LOADING, "downloading, 40 %", 0, 0, 0));
        assertThat(inference.models()).isEmpty();
        assertThat(refusal(inference).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(refusal(inference).retryAfter()).isPositive();
    }

    @Test
    void onceItIsThere_allGoesToIt() {
        var inference = new LoadingInference(1, MOMENT);
        var early = inference.complete(text("x").maxTokens(1).build());
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            inference.ready(bench.inference);
            inference.progress("too late to matter");
            assertThat(inference.readiness().status()).isEqualTo(Status.HEALTHY);
            assertThat(inference.models()).isEqualTo(bench.inference.models());
            assertThat(early.collectList().block(Duration.ofSeconds(20))).hasSize(4);
        }
    }

    @Test
    void aRequestWaitsForTheModel() {
        var inference = new LoadingInference(1, PATIENCE);
        var early =
                inference.complete(text("x").maxTokens(1).build()).collectList().toFuture();
        assertThat(early).isNotDone();
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            inference.ready(bench.inference);
            assertThat(early).succeedsWithin(PATIENCE).asInstanceOf(LIST).hasSize(4);
        }
    }

    @Test
    void moreRequestsThanMayWait_areAskedToComeBack_andOneThatLeavesGivesItsPlaceUp() {
        var inference = new LoadingInference(1, PATIENCE);
        var first = inference.complete(text("x").maxTokens(1).build()).subscribe();
        assertThat(refusal(inference).retryAfter()).isPositive();
        first.dispose();
        var second =
                inference.complete(text("x").maxTokens(1).build()).collectList().toFuture();
        assertThat(second).isNotDone();
        inference.failed("the checkpoint is truncated");
        assertThat(second)
                .failsWithin(PATIENCE)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(InferenceException.class)
                .withMessageContaining("the checkpoint is truncated");
    }

    @Test
    void aModelThatCannotBeLoaded_isTold() {
        var inference = new LoadingInference(1, MOMENT);
        inference.failed("the checkpoint is truncated");
        assertThat(inference.readiness().status()).isEqualTo(Status.UNHEALTHY);
        assertThat(refusal(inference)).hasMessageContaining("the checkpoint is truncated");
    }

    @Test
    void settingsOutOfRange_areRefusedByName() {
        assertThatThrownBy(() -> new SchedulerSettings(0, 1, 1, null, 0, 0, 0)).hasMessageContaining("maxBatchSize");
        assertThatThrownBy(() -> new SchedulerSettings(1, 0, 1, null, 0, 0, 0)).hasMessageContaining("queueCapacity");
        assertThatThrownBy(() -> new SchedulerSettings(1, 1, 0, null, 0, 0, 0)).hasMessageContaining("prefillChunk");
        assertThatThrownBy(() -> new SchedulerSettings(1, 1, 1, Duration.ZERO, 0, 0, 0))
                .hasMessageContaining("defaultDeadline");
        assertThatThrownBy(() -> new SchedulerSettings(1, 1, 1, null, -1, 0, 0)).hasMessageContaining("contextLimit");
    }

    @Test
    void theWaitIsAMeanRowsShareOfASlot() {
        var estimate = new WaitEstimate();
        estimate.oldestStarted(System.nanoTime());
        assertThat(estimate.untilPlaceIsFree(1, 4)).isEqualTo(Duration.ofSeconds(1));
        estimate.rowEnded(Duration.ofSeconds(80).toNanos());
        assertThat(estimate.untilPlaceIsFree(1, 4)).isEqualTo(Duration.ofSeconds(20));
        assertThat(estimate.untilPlaceIsFree(3, 4)).isEqualTo(Duration.ofSeconds(60));
        estimate.rowEnded(Duration.ofSeconds(40).toNanos());
        assertThat(estimate.untilPlaceIsFree(1, 4)).isEqualTo(Duration.ofSeconds(19));
        assertThat(estimate.untilPlaceIsFree(1000, 4)).isEqualTo(Duration.ofMinutes(10));
    }
}
