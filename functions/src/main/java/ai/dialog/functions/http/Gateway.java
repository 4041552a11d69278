package ai.dialog.functions.http;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.audit.AuditEntry;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Map;
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
        return handle(request, Mono.just(request.body()));
    }

    /**
     * Answers a request whose body is still to be read: that of a caller who is not let in never is.
     *
     * @param head the request; its body is not looked at
     * @param body the body; may fail with a {@link BodyException}
     */
    public Mono<HttpResponse> handle(HttpRequest head, Mono<ByteBuffer> body) {
        return Mono.deferContextual(context -> {
            var audit = AuditEntry.of(context);
            return Mono.defer(() -> route(head, body, audit))
                    .onErrorResume(error -> Mono.just(failure(error, audit)))
                    .map(response -> CommonHeaders.add(response, audit.requestId(), head, settings.corsOrigins()))
                    .map(response -> head.method().equals("HEAD") ? response.withoutBody() : response);
        });
    }

    /** Who calls: the gateway's own check, for other fronts. Fails with an {@code AccessException}. */
    public Mono<Principal> authenticate(HttpRequest request) {
        return Mono.deferContextual(context -> Mono.just(known(request, AuditEntry.of(context))));
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

    /** Any failure as the gateway would answer it, for other fronts. */
    public HttpResponse failed(Throwable error, AuditEntry audit) {
        return CommonHeaders.add(failure(error, audit), audit.requestId());
    }

    private Principal known(HttpRequest request, AuditEntry audit) {
        var principal = access.authenticate(request.headers(), request.address());
        audit.caller(principal);
        return principal;
    }

    private Mono<HttpResponse> route(HttpRequest request, Mono<ByteBuffer> body, AuditEntry audit) {
        if (settings.allowed() != null) {
            settings.requireAllowed(request.address());
        }
        var route = Route.of(request.path());
        if (route == null) {
            return Mono.just(refused(ApiError.notFound(), audit));
        }
        audit.route(route == Route.MODEL ? route.path() + "{id}" : route.path());
        if (request.method().equals("OPTIONS")) {
            return Mono.just(CommonHeaders.options(route.methods()));
        }
        if (!route.answers(request.method())) {
            return Mono.just(refused(ApiError.methodNotAllowed(route.methods()), audit));
        }
        if (!route.guarded()) {
            return call(route, request, body, audit);
        }
        var principal = known(request, audit);
        var standings = new Standings();
        return Mono.defer(() -> call(route, request, body, audit))
                .onErrorResume(error -> Mono.just(failure(error, audit)))
                .map(response -> CommonHeaders.add(response, callerHeaders(principal)))
                .map(response -> CommonHeaders.add(response, limitHeaders(standings)))
                .contextWrite(context -> context.put(Principal.class, principal).put(Standings.class, standings));
    }

    private Mono<HttpResponse> call(Route route, HttpRequest request, Mono<ByteBuffer> body, AuditEntry audit) {
        return switch (route) {
            case CHAT ->
                withBody(request, body, audit, sent -> {
                    var asked = ChatCompletionRequest.read(bodies.read(sent));
                    return answer(chat.apply(asked), asked.stream(), audit);
                });
            case COMPLETIONS ->
                withBody(request, body, audit, sent -> {
                    var asked = TextCompletionRequest.read(bodies.read(sent));
                    return answer(completions.apply(asked), asked.stream(), audit);
                });
            // every field has a default, and so has the body
            case TOKENS ->
                body.flatMap(sent -> sent.hasRemaining()
                        ? withBody(request, Mono.just(sent), audit, some -> made(TokenRequest.read(bodies.read(some))))
                        : made(TokenRequest.DEFAULTS));
            case MODELS -> models.get().map(list -> bodies.json(200, list));
            case MODEL -> models.get().map(list -> model(list, route.rest(request.path()), audit));
            case HEALTH -> health.get().map(now -> bodies.json(now.status().equals(Health.HEALTHY) ? 200 : 503, now));
            case JWKS -> Mono.fromSupplier(() -> bodies.jsonText(access.tokens().publicKeys()));
            case OPENAPI -> Mono.fromSupplier(OpenApiDocument::response);
        };
    }

    private Mono<HttpResponse> made(TokenRequest asked) {
        return token.apply(asked).map(made -> bodies.json(200, made));
    }

    private Mono<HttpResponse> withBody(
            HttpRequest request,
            Mono<ByteBuffer> body,
            AuditEntry audit,
            Function<ByteBuffer, Mono<HttpResponse>> call) {
        if (!bodies.isJson(request)) {
            return Mono.just(refused(ApiError.notJson(), audit));
        }
        return body.flatMap(sent -> {
            if (sent.remaining() > settings.maxBodyBytes()) {
                throw BodyException.tooLarge(settings.maxBodyBytes());
            }
            return call.apply(sent);
        });
    }

    private Mono<HttpResponse> answer(Flux<?> events, boolean stream, AuditEntry audit) {
        if (!stream) {
            return events.single().map(whole -> bodies.json(200, whole));
        }
        audit.streamed();
        // the context reaches the events although they are read after this has returned: the first signal's subscriber
        // has it
        return FirstSignal.of(Flux.<Object>from(events))
                .map(begun -> bodies.events(begun, error -> seen(error, audit)));
    }

    private HttpResponse model(ModelList list, String encodedId, AuditEntry audit) {
        String id;
        try {
            // in a path a plus is a plus
            id = URLDecoder.decode(encodedId.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return refused(ApiError.modelNotFound("?"), audit);
        }
        return list.data().stream()
                .filter(model -> model.id().equals(id))
                .findFirst()
                .map(model -> bodies.json(200, model))
                .orElseGet(() -> refused(ApiError.modelNotFound(id.length() > 256 ? "?" : id), audit));
    }

    private HttpResponse failure(Throwable error, AuditEntry audit) {
        return bodies.error(seen(error, audit));
    }

    private ApiError seen(Throwable error, AuditEntry audit) {
        if (ApiError.unexpected(error)) {
            LOG.error("Request {} failed", audit.requestId(), error);
        }
        var told = ApiError.of(error, audit.requestId());
        audit.refused(told.body().error().code(), ApiError.reason(error));
        return told;
    }

    private HttpResponse refused(ApiError error, AuditEntry audit) {
        audit.refused(error.body().error().code(), null);
        return bodies.error(error);
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
