package ai.dialog.runner.metrics;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Usage;
import ai.dialog.runner.scheduler.SchedulerMetrics;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** An inference that is as busy as a test says, and answers two words. */
final class FakeLoad implements Inference {

    volatile int active;
    volatile int slots = 32;
    volatile int queued;

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.just(
                new CompletionChunk.Begun(3),
                new CompletionChunk.Delta(0, "the prompt", List.of(), 0),
                new CompletionChunk.Delta(0, "two ", List.of(), 1),
                new CompletionChunk.Delta(0, "words", List.of(), 1),
                new CompletionChunk.Finish(0, FinishReason.STOP),
                new CompletionChunk.Total(new Usage(3, 2, 0)));
    }

    @Override
    public List<ModelCard> models() {
        return List.of();
    }

    @Override
    public Readiness readiness() {
        return new Readiness(Readiness.Status.HEALTHY, "", active, slots, queued);
    }

    static SchedulerMetrics figures() {
        return new SchedulerMetrics(
                1,
                32,
                2,
                10,
                3,
                4,
                5,
                6,
                700,
                800,
                90,
                50,
                20,
                7,
                Duration.ofSeconds(1),
                new SchedulerMetrics.Cache(20, 15, 3000, 1 << 20, 2 << 20, 3 << 20, 4 << 20));
    }

    static void requestEnds(AuditLog log, @Nullable String route, @Nullable Integer status) {
        var entry = AuditEntry.begin(log, "POST");
        if (route != null) {
            entry.route(route);
        }
        entry.end(status);
    }

    static CompletionRequest request() {
        return CompletionRequest.of(new Prompt.Text("x"), "tenant")
                .maxTokens(8)
                .echo(true)
                .build();
    }
}
