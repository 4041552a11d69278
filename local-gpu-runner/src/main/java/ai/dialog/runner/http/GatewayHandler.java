package ai.dialog.runner.http;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.HttpRequest;
import ai.dialog.functions.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * Hands requests to the functions' {@link Gateway} and its responses back, event by event. When the client leaves, the
 * response's body is cancelled, and with it the generation.
 */
final class GatewayHandler implements WebHandler {

    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final Gateway gateway;
    private final ServerSettings.Bounds bounds;

    GatewayHandler(Gateway gateway, ServerSettings.Bounds bounds) {
        this.gateway = gateway;
        this.bounds = bounds;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        return gateway.handle(head(exchange), RequestBody.collect(exchange.getRequest(), bounds))
                .flatMap(response -> write(exchange, response));
    }

    /** The request as the functions see it, without its body. */
    static HttpRequest head(ServerWebExchange exchange) {
        var request = exchange.getRequest();
        return new HttpRequest(
                request.getMethod().name(),
                request.getURI().getRawPath(),
                headers(request.getHeaders()),
                CallerFilter.caller(exchange).getHostAddress(),
                NO_BODY);
    }

    private static Map<String, List<String>> headers(HttpHeaders headers) {
        var lowerCase = new HashMap<String, List<String>>();
        headers.forEach((name, values) -> lowerCase.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        return lowerCase;
    }

    /**
     * Sends the answer. However that ends, the answer's body is cancelled then: where the client has left before the first
     * byte, Spring drops a body that it has subscribed to without a word to it.
     */
    static Mono<Void> write(ServerWebExchange exchange, HttpResponse answer) {
        var response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(answer.status()));
        answer.headers().forEach(response.getHeaders()::set);
        var whole = new AtomicBoolean();
        var generation = new AtomicReference<@Nullable Subscription>();
        var body = answer.body()
                .doOnSubscribe(generation::set)
                .doOnComplete(() -> whole.set(true))
                .map(response.bufferFactory()::wrap);
        var sent = MediaType.TEXT_EVENT_STREAM.isCompatibleWith(
                        response.getHeaders().getContentType())
                ? response.writeAndFlushWith(body.map(Mono::just))
                : response.writeWith(DataBufferUtils.join(body));
        return Mono.deferContextual(context -> {
            Runnable seen = () -> {
                if (generation.get() != null && !whole.get()) {
                    AuditEntry.of(context).clientLeft();
                }
            };
            return sent.doOnTerminate(seen).doOnCancel(seen).doFinally(end -> {
                var begun = generation.get();
                if (begun == null) {
                    answer.body().subscribe().dispose();
                } else {
                    begun.cancel();
                }
            });
        });
    }
}
