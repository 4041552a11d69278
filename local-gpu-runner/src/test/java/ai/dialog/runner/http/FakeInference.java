package ai.dialog.runner.http;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.ToolCall;
import ai.dialog.functions.inference.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Answers with a text of the test's choice, word by word, in as many choices and with the log probabilities that were asked
 * for, and remembers what it was asked and whether it was stopped.
 */
final class FakeInference implements Inference {

    static final String MODEL = "fake-135m";

    volatile String answer = "Paris is the capital of France.";
    volatile Duration pause = Duration.ZERO;
    volatile boolean endless;
    /** Which requests fail before they begin, and how. */
    volatile Function<CompletionRequest, @Nullable InferenceException> refusals = request -> null;

    /** Which requests fail after two words. */
    volatile Predicate<CompletionRequest> breaks = request -> false;

    /** Which calls are the answer, instead of the text. */
    volatile Function<CompletionRequest, List<ToolCall>> calls = request -> List.of();

    volatile @Nullable InferenceException failure;
    volatile Readiness.Status status = Readiness.Status.HEALTHY;

    final Queue<CompletionRequest> requests = new ConcurrentLinkedQueue<>();
    final AtomicInteger active = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final CountDownLatch firstCancel = new CountDownLatch(1);

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        requests.add(request);
        var refusal = failure == null ? refusals.apply(request) : failure;
        if (refusal != null) {
            return Flux.error(refusal);
        }
        if (!Set.of(CompletionRequest.DEFAULT_MODEL, MODEL).contains(request.model())) {
            return Flux.error(new InferenceException(
                    InferenceException.Kind.MODEL_NOT_FOUND,
                    "The model '%s' does not exist.".formatted(request.model())));
        }
        var all = List.of(answer.split("(?<=\\s)", -1));
        var asked = request.maxTokens();
        var words = asked == null ? all : all.subList(0, Math.min(all.size(), asked));
        var pieces = new ArrayList<CompletionChunk>();
        var ends = new ArrayList<CompletionChunk>();
        var called = calls.apply(request);
        for (int choice = 0; choice < request.choices(); choice++) {
            if (!called.isEmpty()) {
                call(choice, called, pieces);
                ends.add(new CompletionChunk.Finish(choice, FinishReason.TOOL_CALLS));
                continue;
            }
            if (request.echo()) {
                pieces.add(delta(choice, "prompt ", request.topLogprobs(), null));
            }
            for (var word : words) {
                pieces.add(delta(choice, word, request.topLogprobs(), -0.5));
            }
            ends.add(new CompletionChunk.Finish(
                    choice, words.size() < all.size() ? FinishReason.LENGTH : FinishReason.STOP));
        }
        ends.add(new CompletionChunk.Total(new Usage(7, words.size() * request.choices(), 0)));
        var text = endless ? Flux.fromIterable(pieces).repeat() : Flux.fromIterable(pieces);
        var paced = pause.isZero() ? text : text.delayElements(pause);
        var whole = !breaks.test(request)
                ? paced.concatWithValues(ends.toArray(CompletionChunk[]::new))
                : paced.take(2)
                        .concatWith(Flux.error(
                                new InferenceException(InferenceException.Kind.UNAVAILABLE, "The model has gone.")));
        return whole.doOnSubscribe(subscription -> active.incrementAndGet())
                .doOnCancel(() -> {
                    cancelled.incrementAndGet();
                    firstCancel.countDown();
                })
                .doFinally(signal -> active.decrementAndGet());
    }

    /** Name and id, then the arguments in two pieces. */
    private static void call(int choice, List<ToolCall> calls, List<CompletionChunk> pieces) {
        for (int i = 0; i < calls.size(); i++) {
            var call = calls.get(i);
            int half = call.arguments().length() / 2;
            pieces.add(new CompletionChunk.ToolCallDelta(choice, i, call.id(), call.name(), "", 1));
            for (var piece : List.of(
                    call.arguments().substring(0, half), call.arguments().substring(half))) {
                pieces.add(new CompletionChunk.ToolCallDelta(choice, i, null, null, piece, 1));
            }
        }
    }

    private static CompletionChunk delta(
            int choice, String text, @Nullable Integer alternatives, @Nullable Double logprob) {
        if (alternatives == null) {
            return new CompletionChunk.Delta(choice, text, List.of());
        }
        var bytes = new ArrayList<Integer>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xFF);
        }
        var best = IntStream.range(0, alternatives)
                .mapToObj(i -> new TokenLogprob(7 + i, i == 0 ? text : text + i, bytes, -0.5 - i, List.of()))
                .toList();
        return new CompletionChunk.Delta(
                choice, text, List.of(new TokenLogprob(7, text, bytes, logprob, logprob == null ? List.of() : best)));
    }

    @Override
    public List<ModelCard> models() {
        return List.of(new ModelCard(MODEL, 1_700_000_000, "local", 2048));
    }

    @Override
    public Readiness readiness() {
        return new Readiness(status, "", active.get(), 32, 0);
    }
}
