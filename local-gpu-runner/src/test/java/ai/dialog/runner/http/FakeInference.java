package ai.dialog.runner.http;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Answers with a text of the test's choice, word by word, and remembers what it was asked and whether it was stopped. */
final class FakeInference implements Inference {

    volatile String answer = "Paris is the capital of France.";
    volatile Duration pause = Duration.ZERO;
    volatile boolean endless;
    volatile @Nullable InferenceException failure;
    volatile Readiness.Status status = Readiness.Status.HEALTHY;

    final Queue<CompletionRequest> requests = new ConcurrentLinkedQueue<>();
    final AtomicInteger active = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final CountDownLatch firstCancel = new CountDownLatch(1);

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        requests.add(request);
        var refusal = failure;
        if (refusal != null) {
            return Flux.error(refusal);
        }
        var words = new ArrayList<CompletionChunk>();
        for (var word : answer.split("(?<=\\s)", -1)) {
            words.add(new CompletionChunk.Delta(0, word, List.of()));
        }
        var text = endless ? Flux.fromIterable(words).repeat() : Flux.fromIterable(words);
        var paced = pause.isZero() ? text : text.delayElements(pause);
        return paced.concatWithValues(
                        new CompletionChunk.Finish(0, FinishReason.STOP),
                        new CompletionChunk.Total(new Usage(7, words.size(), 0)))
                .doOnSubscribe(subscription -> active.incrementAndGet())
                .doOnCancel(() -> {
                    cancelled.incrementAndGet();
                    firstCancel.countDown();
                })
                .doFinally(signal -> active.decrementAndGet());
    }

    @Override
    public List<ModelCard> models() {
        return List.of(new ModelCard("fake-135m", 1_700_000_000, "local", 2048));
    }

    @Override
    public Readiness readiness() {
        return new Readiness(status, "", active.get(), 32, 0);
    }
}
