package ai.dialog.runner.http;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.audit.AuditLog;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** Around everything that answers requests: begins each one's entry in the audit log, and ends it when the last byte is out. */
final class AuditedHandler implements HttpHandler {

    private final HttpHandler handler;
    private final AuditLog log;

    AuditedHandler(HttpHandler handler, AuditLog log) {
        this.handler = handler;
        this.log = log;
    }

    @Override
    public Mono<Void> handle(ServerHttpRequest request, ServerHttpResponse response) {
        var entry = AuditEntry.begin(log, request.getMethod().name());
        return handler.handle(request, response)
                .doFinally(end -> {
                    if (end == SignalType.CANCEL) {
                        entry.clientLeft();
                    }
                    var status = response.getStatusCode();
                    entry.end(response.isCommitted() && status != null ? (Integer) status.value() : null);
                })
                .contextWrite(context -> context.put(AuditEntry.class, entry));
    }
}
