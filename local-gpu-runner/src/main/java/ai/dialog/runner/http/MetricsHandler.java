package ai.dialog.runner.http;

import ai.dialog.functions.access.Scope;
import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.Gateway;
import ai.dialog.runner.metrics.ServiceMetrics;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * {@code GET /metrics}. They tell how busy the service is and how often it fails, of all callers together: beyond this machine only
 * a key with the scope {@code metrics} reads them. So it is behind a proxy on this machine too, which makes all callers local.
 */
final class MetricsHandler implements WebHandler {

    static final String PATH = "/metrics";

    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Gateway gateway;
    private final ServiceMetrics metrics;
    private final boolean open;

    MetricsHandler(Gateway gateway, ServiceMetrics metrics, ServerSettings settings) {
        this.gateway = gateway;
        this.metrics = metrics;
        this.open = settings.address().isLoopbackAddress()
                && settings.callers().trustedProxies().isEmpty();
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        var method = exchange.getRequest().getMethod();
        return Mono.deferContextual(context -> {
            var audit = AuditEntry.of(context);
            audit.route(PATH);
            if (!METHODS.contains(method)) {
                return Mono.error(new MethodNotAllowedException(method, METHODS));
            }
            if (method.equals(HttpMethod.OPTIONS)) {
                exchange.getResponse().getHeaders().setAllow(METHODS);
                exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
                return exchange.getResponse().setComplete();
            }
            return open ? answer(exchange, audit) : guarded(exchange, audit);
        });
    }

    private Mono<Void> guarded(ServerWebExchange exchange, AuditEntry audit) {
        return gateway.authenticate(GatewayHandler.head(exchange))
                .doOnNext(caller -> gateway.callerHeaders(caller)
                        .forEach(exchange.getResponse().getHeaders()::set))
                .flatMap(caller -> {
                    caller.require(Scope.METRICS);
                    return answer(exchange, audit);
                });
    }

    private Mono<Void> answer(ServerWebExchange exchange, AuditEntry audit) {
        var response = exchange.getResponse();
        var text = metrics.scrape().getBytes(StandardCharsets.UTF_8);
        response.getHeaders().set("X-Request-Id", audit.requestId());
        response.getHeaders().set(HttpHeaders.CONTENT_TYPE, TEXT_FORMAT);
        response.getHeaders().setContentLength(text.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(text)));
    }
}
