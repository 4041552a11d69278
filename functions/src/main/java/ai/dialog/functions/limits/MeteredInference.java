package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Keeps callers within their limits, in front of any inference. What a request can take at most is reserved under each of
 * the caller's quotas before the inference sees it, and what it took is settled once, however it ends; the end of the answer
 * waits for the settlement. A caller without limits passes straight through.
 *
 * <p>Needs a {@link Principal} in the Reactor context, and fills the {@link Standings} there. Fails with a
 * {@link LimitExceededException}, or with an {@link InferenceException} of the kind {@code UNAVAILABLE} where limits cannot
 * be kept, before anything is computed.
 *
 * <p>A text completion of several prompts is several requests here.
 */
public final class MeteredInference implements Inference {

    private final Inference inference;
    private final Meter meter;
    private final MeterSettings settings;
    private final InstantSource clock;

    /** In front of an inference. */
    public MeteredInference(Inference inference, Meter meter, MeterSettings settings, InstantSource clock) {
        this.inference = inference;
        this.meter = meter;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.<CompletionChunk>deferContextual(context -> {
                    Principal principal = context.getOrDefault(Principal.class, null);
                    var quotas = principal == null ? List.<Quota>of() : limited(principal.quotas());
                    if (quotas.isEmpty()) {
                        return inference.complete(request);
                    }
                    return metered(
                            request,
                            quotas,
                            context.<Standings>getOrEmpty(Standings.class).orElseGet(Standings::new));
                })
                // Spring Cloud Function asks for onErrorContinue, which reaches every operator before it: a refused
                // reservation would be one element less
                .onErrorStop();
    }

    private static List<Quota> limited(List<Quota> quotas) {
        return quotas.stream()
                .filter(quota -> !quota.limits().equals(Limits.NONE))
                .toList();
    }

    private Flux<CompletionChunk> metered(CompletionRequest request, List<Quota> quotas, Standings standings) {
        var models = knownModels();
        var card = card(models, request.model());
        var price = settings.prices().of(card == null ? request.model() : card.id());
        if (price == null && anyBudget(quotas)) {
            return Flux.error(withoutPrice(request.model(), !models.isEmpty() && card == null));
        }
        var bounded = bounded(request, quotas);
        var estimate = Estimate.of(bounded, card == null ? 0 : card.contextLength(), price);
        return Flux.usingWhen(
                Flux.defer(() -> {
                    var tally = new Tally(estimate, bounded.choices());
                    return Flux.just(new Held(tally, new Holding(meter, clock, quotas, estimate, tally)));
                }),
                held -> held.holding().reserve(standings).thenMany(Flux.defer(() -> run(bounded, held))),
                held -> held.holding().settle(null),
                (held, error) -> held.holding().settle(error),
                held -> held.holding().settle(null));
    }

    private record Held(Tally tally, Holding holding) {}

    private Flux<CompletionChunk> run(CompletionRequest request, Held held) {
        held.holding().begin();
        return inference
                .complete(request)
                .doOnNext(held.tally()::note)
                .takeUntilOther(held.holding().keep())
                .concatWith(held.holding().failure());
    }

    /** An inference that cannot tell its models now may serve them all the same. */
    private List<ModelCard> knownModels() {
        try {
            return inference.models();
        } catch (InferenceException untold) {
            return List.of();
        }
    }

    private static @Nullable ModelCard card(List<ModelCard> models, String id) {
        if (id.equals(CompletionRequest.DEFAULT_MODEL) && !models.isEmpty()) {
            return models.getFirst();
        }
        return models.stream().filter(card -> card.id().equals(id)).findFirst().orElse(null);
    }

    /** A budget without a price would be no budget; that a model is not there is told as the inference would. */
    private static InferenceException withoutPrice(String model, boolean unknown) {
        return unknown
                ? new InferenceException(
                        Kind.MODEL_NOT_FOUND, "The model '%s' does not exist.".formatted(model), "model", null, null)
                : new InferenceException(
                        Kind.UNAVAILABLE,
                        "This key has a budget, and the server has no price for the model '%s': its operator must set one."
                                .formatted(model));
    }

    private static boolean anyBudget(List<Quota> quotas) {
        return quotas.stream()
                .map(Quota::limits)
                .anyMatch(limits -> limits.dailyBudget() != null || limits.monthlyBudget() != null);
    }

    /** See {@link MeterSettings#unaskedTokens}. */
    private CompletionRequest bounded(CompletionRequest request, List<Quota> quotas) {
        boolean counted = anyBudget(quotas)
                || quotas.stream().anyMatch(quota -> quota.limits().tokensPerMinute() != null);
        if (request.maxTokens() != null || !counted) {
            return request;
        }
        return request.withMaxTokens(Math.max(settings.unaskedTokens(), request.minTokens()));
    }

    @Override
    public List<ModelCard> models() {
        return inference.models();
    }

    @Override
    public Readiness readiness() {
        return inference.readiness();
    }
}
