package ai.dialog.runner.http;

import ai.dialog.functions.http.Gateway;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
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
        if (error instanceof IOException || error instanceof AbortedException) {
            // the client has left: nobody to tell
            return Mono.empty();
        }
        if (exchange.getResponse().isCommitted()) {
            LOG.error("A response failed after its beginning was sent", error);
            return Mono.error(error);
        }
        if (!(error instanceof ResponseStatusException known)) {
            return GatewayHandler.write(exchange, gateway.failed(error));
        }
        var headers = exchange.getResponse().getHeaders();
        int status = known.getStatusCode().value();
        if (status == 413 || status == 408) {
            // what is left of the body is not worth reading
            headers.set(HttpHeaders.CONNECTION, "close");
            return GatewayHandler.write(exchange, status == 413 ? gateway.bodyTooLarge() : gateway.bodyTooSlow());
        }
        if (known instanceof MethodNotAllowedException method) {
            headers.setAllow(method.getSupportedMethods());
        }
        return write(exchange, known);
    }

    private static Mono<Void> write(ServerWebExchange exchange, ResponseStatusException known) {
        var response = exchange.getResponse();
        int status = known.getStatusCode().value();
        var body = HttpErrors.body(status);
        response.setStatusCode(known.getStatusCode());
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
