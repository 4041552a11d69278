package ai.dialog.runner.http;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.Gateway;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Turns what fails beside the {@link Gateway} into OpenAI's error object, in the gateway's own words where it has any. */
final class ErrorResponses implements WebExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);

    private final Gateway gateway;

    ErrorResponses(Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
        return Mono.deferContextual(context -> answer(exchange, error, AuditEntry.of(context)));
    }

    private Mono<Void> answer(ServerWebExchange exchange, Throwable error, AuditEntry audit) {
        if (error instanceof IOException || error instanceof AbortedException) {
            // nobody to tell
            audit.clientLeft();
            return Mono.empty();
        }
        if (exchange.getResponse().isCommitted()) {
            LOG.error("A response failed after its beginning was sent", error);
            return Mono.error(error);
        }
        if (!(error instanceof ResponseStatusException known)) {
            return GatewayHandler.write(exchange, gateway.failed(error, audit));
        }
        if (known instanceof MethodNotAllowedException method) {
            exchange.getResponse().getHeaders().setAllow(method.getSupportedMethods());
        }
        audit.refused(HttpErrors.code(known.getStatusCode().value()), null);
        return write(exchange, known, audit);
    }

    private static Mono<Void> write(ServerWebExchange exchange, ResponseStatusException known, AuditEntry audit) {
        var response = exchange.getResponse();
        int status = known.getStatusCode().value();
        var body = HttpErrors.body(status);
        response.setStatusCode(known.getStatusCode());
        response.getHeaders().set("X-Request-Id", audit.requestId());
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
