package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.inference.Readiness.Status;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.ModelException;
import ai.dialog.runner.scheduler.BatchingInference;
import ai.dialog.runner.scheduler.LoadingInference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ModelStartTest {

    private static BatchingInference never(LanguageModel model) {
        throw new AssertionError("no model was loaded: " + model);
    }

    @Test
    void loadsBesideItsMaker_andTellsWhoeverWaitsOfAFailure() throws InterruptedException {
        var inference = new LoadingInference(1);
        var said = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var start = ModelStart.begin(
                inference,
                progress -> {
                    progress.update("unpacking", 1, 2);
                    said.countDown();
                    await(go);
                    throw new ModelException("the checkpoint is truncated");
                },
                ModelStartTest::never)) {
            assertThat(said.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(inference.readiness().status()).isEqualTo(Status.LOADING);
            assertThat(inference.readiness().detail()).isEqualTo("unpacking");
            go.countDown();
            assertThatThrownBy(start::await)
                    .isInstanceOf(ModelException.class)
                    .hasMessage("the checkpoint is truncated");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
