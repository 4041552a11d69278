package ai.dialog.functions.http;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.limits.Standings;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.Health;
import ai.dialog.functions.openai.ModelList;
import ai.dialog.functions.openai.TextCompletion;
import ai.dialog.functions.openai.TextCompletionRequest;
import ai.dialog.functions.openai.TokenRequest;
import ai.dialog.functions.openai.TokenResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.function.context.FunctionCatalog;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The service's HTTP, without a server: routes, the bearer check, JSON, errors and server-sent events around the functions
 * of a Spring Cloud Function catalog. The runner and the Lambda entry points turn their platform's request into an
 * {@link HttpRequest} and hand it over. Never blocks.
 */
public final class Gateway {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    private final Function<ChatCompletionRequest, Flux<ChatEvent>> chat;
    private final Function<TextCompletionRequest, Flux<TextCompletion>> completions;
    private final Function<TokenRequest, Mono<TokenResponse>> token;
    private final Supplier<Mono<ModelList>> models;
    private final Supplier<Mono<Health>> health;
    private final Access access;
    private final GatewaySettings settings;
    private final Bodies bodies;

    /**
     * A gateway to the functions {@code completions}, {@code token}, {@code models}, {@code health} and the one that the
     * settings name for chats.
     *
     * @throws IllegalStateException where the catalog lacks one
     */
    public Gateway(FunctionCatalog catalog, Access access, GatewaySettings settings) {
        this.chat = function(catalog, settings.chatDefinition());
        this.completions = function(catalog, "completions");
        this.token = function(catalog, "token");
        this.models = supplier(catalog, "models");
        this.health = supplier(catalog, "health");
        this.access = access;
        this.settings = settings;
        this.bodies = new Bodies(settings.maxBodyBytes());
    }

    /** Answers a request. Never fails: errors are responses. */
    public Mono<HttpResponse> handle(HttpRequest request) {
        String id = newRequestId();
        return Mono.defer(() -> route(request, id))
                .onErrorResume(error -> Mono.just(failure(error, id)))
                .map(response -> CommonHeaders.add(response, id, request, settings.corsOrigins()));
    }

    /** Who calls: the gateway's own check, for other fronts. Fails with an {@code AccessException}. */
    public Mono<Principal> authenticate(HttpRequest request) {
        return Mono.fromSupplier(() -> access.authenticate(request.headers(), request.address()));
    }

    /** What every response to a caller says about the caller: when its key ends, where that is soon. */
    public Map<String, String> callerHeaders(Principal caller) {
        var ends = access.keyEndsSoon(caller);
        return ends == null
                ? Map.of()
                : Map.of(
                        CommonHeaders.KEY_EXPIRES,
                        ends.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    /** How a caller's limits stood when its request was counted, for other fronts. */
    public static Map<String, String> limitHeaders(Standings standings) {
        return LimitHeaders.of(standings);
    }

    /** 413, for a server that stopped reading a body at {@link GatewaySettings#maxBodyBytes}. */
    public HttpResponse bodyTooLarge() {
        return refusal(ApiError.bodyTooLarge(settings.maxBodyBytes()));
    }

    /** 408, for a server that waited too long for a body. */
    public HttpResponse bodyTooSlow() {
        return refusal(ApiError.bodyTooSlow());
    }

    /** Any failure as the gateway would answer it, for other fronts. */
    public HttpResponse failed(Throwable error) {
        String id = newRequestId();
        return CommonHeaders.add(failure(error, id), id);
    }

    private Mono<HttpResponse> route(HttpRequest request, String id) {
        var route = Route.of(request.path());
        if (route == null) {
            return Mono.just(bodies.error(ApiError.notFound(request.method())));
        }
        if (request.method().equals("OPTIONS")) {
            return Mono.just(CommonHeaders.options(route.method()));
        }
        if (!request.method().equals(route.method())) {
            return Mono.just(bodies.error(ApiError.methodNotAllowed(route.method() + ", OPTIONS")));
        }
        if (!route.guarded()) {
            return call(route, request, id);
        }
        var principal = access.authenticate(request.headers(), request.address());
        var standings = new Standings();
        return Mono.defer(() -> call(route, request, id))
                .onErrorResume(error -> Mono.just(failure(error, id)))
                .map(response -> CommonHeaders.add(response, callerHeaders(principal)))
                .map(response -> CommonHeaders.add(response, limitHeaders(standings)))
                .contextWrite(context -> context.put(Principal.class, principal).put(Standings.class, standings));
    }

    private Mono<HttpResponse> call(Route route, HttpRequest request, String id) {
        return switch (route) {
            case CHAT ->
                withBody(request, () -> {
                    var body = ChatCompletionRequest.read(bodies.read(request));
                    return answer(chat.apply(body), body.stream(), id);
                });
            case COMPLETIONS ->
                withBody(request, () -> {
                    var body = TextCompletionRequest.read(bodies.read(request));
                    return answer(completions.apply(body), body.stream(), id);
                });
            case TOKENS -> {
                // every field has a default, and so has the body
                if (!request.body().hasRemaining()) {
                    yield token.apply(TokenRequest.DEFAULTS).map(made -> bodies.json(200, made));
                }
                yield withBody(
                        request,
                        () -> token.apply(TokenRequest.read(bodies.read(request)))
                                .map(made -> bodies.json(200, made)));
            }
            case MODELS -> models.get().map(list -> bodies.json(200, list));
            case MODEL -> models.get().map(list -> model(list, route.rest(request.path())));
            case HEALTH -> health.get().map(now -> bodies.json(now.status().equals(Health.HEALTHY) ? 200 : 503, now));
            case JWKS -> Mono.fromSupplier(() -> bodies.jsonText(access.tokens().publicKeys()));
            case OPENAPI -> Mono.fromSupplier(OpenApiDocument::response);
        };
    }

    private Mono<HttpResponse> withBody(HttpRequest request, Supplier<Mono<HttpResponse>> call) {
        if (!bodies.isJson(request)) {
            return Mono.just(bodies.error(ApiError.notJson()));
        }
        if (request.body().remaining() > settings.maxBodyBytes()) {
            return Mono.just(bodies.error(ApiError.bodyTooLarge(settings.maxBodyBytes())));
        }
        return call.get();
    }

    private Mono<HttpResponse> answer(Flux<?> events, boolean stream, String id) {
        if (!stream) {
            return events.single().map(whole -> bodies.json(200, whole));
        }
        // the context reaches the events although they are read after this has returned: the first signal's subscriber
        // has it
        return FirstSignal.of(Flux.<Object>from(events)).map(begun -> bodies.events(begun, error -> seen(error, id)));
    }

    private HttpResponse model(ModelList list, String encodedId) {
        String id;
        try {
            // in a path a plus is a plus
            id = URLDecoder.decode(encodedId.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return bodies.error(ApiError.modelNotFound("?"));
        }
        return list.data().stream()
                .filter(model -> model.id().equals(id))
                .findFirst()
                .map(model -> bodies.json(200, model))
                .orElseGet(() -> bodies.error(ApiError.modelNotFound(id.length() > 256 ? "?" : id)));
    }

    private HttpResponse failure(Throwable error, String id) {
        return bodies.error(seen(error, id));
    }

    private ApiError seen(Throwable error, String id) {
        if (ApiError.unexpected(error)) {
            LOG.error("Request {} failed", id, error);
        }
        return ApiError.of(error, id);
    }

    private HttpResponse refusal(ApiError error) {
        return CommonHeaders.add(bodies.error(error), newRequestId());
    }

    private static String newRequestId() {
        return "req_" + UUID.randomUUID().toString().replace("-", "");
    }

    private static <I, O> Function<I, O> function(FunctionCatalog catalog, String definition) {
        Function<I, O> function = catalog.lookup(Function.class, definition);
        if (function == null) {
            throw new IllegalStateException("There is no function '" + definition + "'");
        }
        return function;
    }

    private static <O> Supplier<O> supplier(FunctionCatalog catalog, String definition) {
        Supplier<O> supplier = catalog.lookup(Supplier.class, definition);
        if (supplier == null) {
            throw new IllegalStateException("There is no supplier '" + definition + "'");
        }
        return supplier;
    }
}
