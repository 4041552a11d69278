package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * An inference that says the same three tokens to everything, unless a test gives it another behaviour. It remembers what
 * it was asked and how many of its streams were cancelled.
 */
public final class FakeInference implements Inference {

    /** The one model. */
    public static final ModelCard MODEL = new ModelCard("org/fake-model", 1_700_000_000L, "org", 2048);

    /** What it says. */
    public static final List<String> WORDS = List.of("The capital", " is", " Paris.");

    private final List<CompletionRequest> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger cancelled = new AtomicInteger();
    private volatile Function<CompletionRequest, Flux<CompletionChunk>> behaviour = FakeInference::answer;
    private volatile Readiness readiness = new Readiness(Readiness.Status.HEALTHY, "ready", 0, 4, 0);

    /** Forgets what it was asked and behaves as it did at first. */
    public void reset() {
        requests.clear();
        cancelled.set(0);
        behaviour = FakeInference::answer;
        readiness = new Readiness(Readiness.Status.HEALTHY, "ready", 0, 4, 0);
    }

    /** From now on answers so. */
    public void behave(Function<CompletionRequest, Flux<CompletionChunk>> other) {
        behaviour = other;
    }

    /** From now on fails so. */
    public void fail(RuntimeException error) {
        behaviour = request -> Flux.error(error);
    }

    /** From now on says that it is so. */
    public void ready(Readiness other) {
        readiness = other;
    }

    /** The last request. */
    public CompletionRequest lastRequest() {
        return requests.getLast();
    }

    /** All requests since the last reset. */
    public List<CompletionRequest> requests() {
        return requests;
    }

    /** How many streams were cancelled. */
    public int cancelled() {
        return cancelled.get();
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        requests.add(request);
        return Flux.defer(() -> behaviour.apply(request)).doOnCancel(cancelled::incrementAndGet);
    }

    @Override
    public List<ModelCard> models() {
        return List.of(MODEL);
    }

    @Override
    public Readiness readiness() {
        return readiness;
    }

    /** The usual answer: the prompt where it is to be echoed, then the words, up to the most tokens, for each choice. */
    public static Flux<CompletionChunk> answer(CompletionRequest request) {
        if (!request.model().equals(CompletionRequest.DEFAULT_MODEL)
                && !request.model().equals(MODEL.id())) {
            return Flux.error(new InferenceException(
                    InferenceException.Kind.MODEL_NOT_FOUND, "The model '" + request.model() + "' does not exist."));
        }
        var chunks = new ArrayList<CompletionChunk>();
        var prompt = promptTokens(request.prompt());
        int most = request.maxTokens() == null ? WORDS.size() : Math.min(request.maxTokens(), WORDS.size());
        for (int choice = 0; choice < request.choices(); choice++) {
            if (request.echo()) {
                chunks.add(new CompletionChunk.Delta(
                        choice, String.join("", prompt), scores(prompt, request.topLogprobs(), true)));
            }
            for (String word : WORDS.subList(0, most)) {
                chunks.add(
                        new CompletionChunk.Delta(choice, word, scores(List.of(word), request.topLogprobs(), false)));
            }
            chunks.add(
                    new CompletionChunk.Finish(choice, most < WORDS.size() ? FinishReason.LENGTH : FinishReason.STOP));
        }
        chunks.add(new CompletionChunk.Total(new Usage(prompt.size(), most * request.choices(), 1)));
        return Flux.fromIterable(chunks);
    }

    private static List<String> promptTokens(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Conversation conversation ->
                conversation.messages().stream().map(Prompt.Message::content).toList();
            case Prompt.Text text -> List.of(text.text().split("(?= )", 0));
            case Prompt.Tokens tokens ->
                tokens.ids().stream().map(id -> "<" + id + ">").toList();
        };
    }

    private static List<TokenLogprob> scores(List<String> texts, @Nullable Integer top, boolean fromStart) {
        if (top == null) {
            return List.of();
        }
        var scores = new ArrayList<TokenLogprob>();
        for (String text : texts) {
            Double logprob = fromStart && scores.isEmpty() ? null : -0.5;
            var alternatives = new ArrayList<TokenLogprob>();
            for (int i = 0; i < top && logprob != null; i++) {
                alternatives.add(score(i == 0 ? text : "alt" + i, -0.5 - i));
            }
            scores.add(new TokenLogprob(7, text, bytes(text), logprob, alternatives));
        }
        return scores;
    }

    private static TokenLogprob score(String text, double logprob) {
        return new TokenLogprob(7, text, bytes(text), logprob, List.of());
    }

    /** A text's UTF-8, each byte 0 to 255. */
    public static List<Integer> bytes(String text) {
        var bytes = new ArrayList<Integer>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xFF);
        }
        return bytes;
    }
}
