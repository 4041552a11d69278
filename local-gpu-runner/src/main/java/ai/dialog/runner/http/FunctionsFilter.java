package ai.dialog.runner.http;

import ai.dialog.functions.access.Principal;
import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.limits.Standings;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.TextCompletionRequest;
import ai.dialog.functions.openai.TokenRequest;
import ai.dialog.functions.openai.WireJson;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.cloud.function.web.constants.WebRequestConstants;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The door of {@code /functions/NAME}, behind which spring-cloud-function-web calls the beans. That library takes any path
 * for a function's definition (so that {@code a|b} composes and {@code functionRouter} routes by header) and copies the
 * request's headers, Authorization included, into the response. So only the five names pass, each with its one method,
 * and what passes is a bare request: the body, its type, and whether a stream of events is wanted.
 */
final class FunctionsFilter implements WebFilter {

    static final String PREFIX = "/functions";

    private static final Map<String, HttpMethod> FUNCTIONS = Map.of(
            "chat", HttpMethod.POST,
            "completions", HttpMethod.POST,
            "token", HttpMethod.POST,
            "models", HttpMethod.GET,
            "health", HttpMethod.GET);

    private static final Set<HttpMethod> GET_AND_HEAD = Set.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final String EVENTS = MediaType.TEXT_EVENT_STREAM_VALUE;
    private static final Set<String> STREAMING = Set.of("chat", "completions");
    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Gateway gateway;
    private final ServerSettings.Bounds bounds;
    private final JsonMapper json;

    FunctionsFilter(Gateway gateway, ServerSettings.Bounds bounds) {
        this.gateway = gateway;
        this.bounds = bounds;
        this.json = WireJson.mapper(bounds.bodyBytes());
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        var request = exchange.getRequest();
        var path = request.getURI().getRawPath();
        if (!path.startsWith(PREFIX)) {
            return chain.filter(exchange);
        }
        var name = path.startsWith(PREFIX + "/") ? path.substring(PREFIX.length() + 1) : "";
        var method = FUNCTIONS.get(name);
        if (method == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        var methods = method.equals(HttpMethod.GET) ? GET_AND_HEAD : Set.of(method);
        if (!methods.contains(request.getMethod())) {
            throw new MethodNotAllowedException(request.getMethod(), methods);
        }
        return Mono.deferContextual(context -> {
            var audit = AuditEntry.of(context);
            audit.route(PREFIX + "/" + name);
            if (STREAMING.contains(name) && wantsEvents(request)) {
                audit.streamed();
            }
            return name.equals("health") ? chain.filter(bare(exchange, name, NO_BODY)) : guarded(exchange, chain, name);
        });
    }

    private Mono<Void> guarded(ServerWebExchange exchange, WebFilterChain chain, String name) {
        var request = exchange.getRequest();
        return gateway.authenticate(GatewayHandler.head(exchange))
                .doOnNext(principal -> gateway.callerHeaders(principal)
                        .forEach(exchange.getResponse().getHeaders()::set))
                .flatMap(principal -> RequestBody.collect(request, bounds)
                        .flatMap(body -> chain.filter(bare(exchange, name, checked(name, body))))
                        .contextWrite(context ->
                                context.put(Principal.class, principal).put(Standings.class, told(exchange))));
    }

    /** How the caller's limits stand goes into the response's headers when they are sent. */
    private static Standings told(ServerWebExchange exchange) {
        var standings = new Standings();
        exchange.getResponse().beforeCommit(() -> {
            Gateway.limitHeaders(standings).forEach(exchange.getResponse().getHeaders()::set);
            return Mono.empty();
        });
        return standings;
    }

    /**
     * What the library gets. Its way from a POST to events hands the function a stream where it takes one request; its way
     * from a GET with an argument does not, so that is how an answer in events is asked for.
     */
    private static ServerWebExchange bare(ServerWebExchange exchange, String name, ByteBuffer body) {
        boolean events = STREAMING.contains(name) && wantsEvents(exchange.getRequest());
        if (events) {
            exchange.getAttributes()
                    .put(
                            WebRequestConstants.ARGUMENT,
                            StandardCharsets.UTF_8.decode(body.duplicate()).toString());
        }
        return exchange.mutate()
                .request(new BareRequest(exchange.getRequest(), name, events ? NO_BODY : body, events))
                .build();
    }

    private static boolean wantsEvents(ServerHttpRequest request) {
        return request.getHeaders().getOrEmpty(HttpHeaders.ACCEPT).stream()
                .anyMatch(accepted -> accepted.toLowerCase(Locale.ROOT).startsWith(EVENTS));
    }

    /**
     * The body on one line, once the function's own reader has taken it: the library turns what it cannot read into
     * something else rather than an error, and takes every line of a stream for a request.
     */
    private ByteBuffer checked(String name, ByteBuffer body) {
        if (name.equals("models")) {
            return NO_BODY;
        }
        var tree = tree(body);
        switch (name) {
            case "chat" -> ChatCompletionRequest.read(tree);
            case "completions" -> TextCompletionRequest.read(tree);
            default -> TokenRequest.read(tree);
        }
        return ByteBuffer.wrap(json.writeValueAsBytes(tree));
    }

    private JsonNode tree(ByteBuffer body) {
        var bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        try {
            return json.readTree(bytes);
        } catch (JacksonException e) {
            // Jackson's own message may quote the body
            throw new InvalidRequestException("The request body is not valid JSON.", null, "invalid_json");
        }
    }

    /** Only what a function needs of a request, so that nothing else can come back out of it. */
    private static final class BareRequest extends ServerHttpRequestDecorator {

        private final HttpHeaders headers = new HttpHeaders();
        private final URI uri;
        private final ByteBuffer body;
        private final boolean events;

        BareRequest(ServerHttpRequest original, String name, ByteBuffer body, boolean events) {
            super(original);
            this.uri = URI.create(PREFIX + "/" + name);
            this.body = body;
            this.events = events;
            headers.setContentType(MediaType.APPLICATION_JSON);
            headers.setContentLength(body.remaining());
            headers.set(HttpHeaders.ACCEPT, events ? EVENTS : MediaType.APPLICATION_JSON_VALUE);
        }

        @Override
        public HttpMethod getMethod() {
            return events || super.getMethod().equals(HttpMethod.HEAD) ? HttpMethod.GET : super.getMethod();
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }

        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        public MultiValueMap<String, String> getQueryParams() {
            return new LinkedMultiValueMap<>();
        }

        @Override
        public Flux<DataBuffer> getBody() {
            return Flux.defer(() -> Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(body.duplicate())));
        }
    }
}
