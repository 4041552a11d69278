package ai.dialog.runner.http;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.CallerAddress;
import ai.dialog.functions.http.GatewaySettings;
import java.net.InetAddress;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Finds out where a request comes from, once for everything that asks, and refuses it there and then where nobody may call from
 * that address: on every path, and before anything of its body is read.
 */
final class CallerFilter implements WebFilter {

    private static final String ATTRIBUTE = CallerFilter.class.getName();

    private final CallerAddress address;
    private final GatewaySettings settings;

    CallerFilter(ServerSettings.Callers callers, GatewaySettings settings) {
        this.address = new CallerAddress(callers.trustedProxies());
        this.settings = settings;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        var request = exchange.getRequest();
        var remote = request.getRemoteAddress();
        if (remote == null) {
            return Mono.error(new IllegalStateException("A request without a connection"));
        }
        var caller = address.of(remote.getAddress(), request.getHeaders().getOrEmpty(CallerAddress.HEADER));
        exchange.getAttributes().put(ATTRIBUTE, caller);
        return Mono.deferContextual(context -> {
            AuditEntry.of(context).address(caller);
            settings.requireAllowed(caller);
            return chain.filter(exchange);
        });
    }

    /** The caller's address. */
    static InetAddress caller(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(ATTRIBUTE);
    }
}
