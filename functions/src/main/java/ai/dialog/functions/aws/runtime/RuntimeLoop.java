package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.aws.OutOfTime;
import ai.dialog.functions.aws.OwnPaths;
import ai.dialog.functions.aws.ProxyEvent;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.HttpRequest;
import ai.dialog.functions.http.HttpResponse;
import ai.dialog.functions.inference.CallContext;
import ai.dialog.functions.inference.InferenceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import tools.jackson.databind.json.JsonMapper;

/**
 * Event after event: Lambda gives a process one at a time. Whatever goes wrong with one, the next is served; only a Runtime API
 * that gives no more of them ends the loop.
 */
final class RuntimeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(RuntimeLoop.class);

    /** Before Lambda's deadline the generation ends with what it has, and its last pieces and its settlement have this long. */
    private static final Duration FOR_THE_END = Duration.ofSeconds(1);

    /** An answer that has not ended by then is cut, so that the caller is told by us and not by a closed connection. */
    private static final Duration TO_CUT = Duration.ofMillis(400);

    private final RuntimeApi api;
    private final Gateway gateway;
    private final AuditLog log;
    private final JsonMapper json = JsonMapper.builder().build();

    RuntimeLoop(RuntimeApi api, Gateway gateway, AuditLog log) {
        this.api = api;
        this.gateway = gateway;
        this.log = log;
    }

    /**
     * Serves until there are no more events; never returns.
     *
     * @throws IOException where the Runtime API gives no more events
     */
    int run() throws IOException {
        while (true) {
            serve(api.next());
        }
    }

    private void serve(Invocation invocation) {
        var answer = new StreamedAnswer(api, gateway, invocation.requestId());
        try {
            answer(invocation, answer);
        } catch (IOException gone) {
            LOG.warn("The answer to {} did not get to the Runtime API: {}", invocation, gone.getMessage());
        } catch (RuntimeException | Error e) {
            // also a StackOverflowError or an OutOfMemoryError of one request: the next one may be a smaller one
            LOG.error("{} failed", invocation, e);
            answer.broken();
        }
    }

    private void answer(Invocation invocation, StreamedAnswer answer) throws IOException {
        AuditEntry audit;
        HttpResponse response;
        var cut = invocation.deadline().minus(TO_CUT);
        try {
            var request =
                    ProxyEvent.read(new ByteArrayInputStream(invocation.event().array()), json);
            audit = AuditEntry.begin(log, request.method());
            audit.from(request.sourceAddress());
            response = handled(request, context(invocation, audit), audit, cut);
        } catch (InferenceException malformed) {
            audit = AuditEntry.begin(log, "");
            response = gateway.failed(malformed, audit);
        }
        Integer status = null;
        try {
            status = response.status();
            answer.send(response, audit, cut);
        } finally {
            audit.end(status);
        }
    }

    private HttpResponse handled(HttpRequest request, Context context, AuditEntry audit, Instant cut) {
        HttpResponse response;
        try {
            response = gateway.handle(OwnPaths.CHAT.only(request))
                    .timeout(until(cut))
                    .onErrorResume(error -> Mono.just(gateway.failed(OutOfTime.told(error), audit)))
                    .contextWrite(context)
                    .block();
        } catch (RuntimeException | Error fatal) {
            // what Reactor passes by its own error handling, such as a LinkageError
            response = gateway.failed(fatal, audit);
        }
        if (response == null) {
            throw new IllegalStateException("The gateway gave no answer");
        }
        return response;
    }

    private static Context context(Invocation invocation, AuditEntry audit) {
        var endBy = invocation.deadline().minus(FOR_THE_END);
        return Context.of(AuditEntry.class, audit, CallContext.class, new CallContext(endBy, invocation.trace()));
    }

    static Duration until(Instant time) {
        var left = Duration.between(Instant.now(), time);
        return left.isPositive() ? left : Duration.ofMillis(1);
    }
}
