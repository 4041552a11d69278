package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.HttpResponse;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The gateway's response on its way to the Runtime API, once. A failure after its first byte is told twice: to the caller by
 * a last event, to Lambda by the trailers. When nobody wants the rest, the response's body is cancelled, which ends the
 * generation.
 */
final class StreamedAnswer {

    private static final Logger LOG = LoggerFactory.getLogger(StreamedAnswer.class);
    private static final String TYPE_ROOM = "Chat.";

    private final RuntimeApi api;
    private final Gateway gateway;
    private final String requestId;
    private boolean begun;

    StreamedAnswer(RuntimeApi api, Gateway gateway, String requestId) {
        this.api = api;
        this.gateway = gateway;
        this.requestId = requestId;
    }

    /**
     * Sends the response.
     *
     * @param cut when to end it, whatever it has reached
     * @throws IOException where it did not get there
     */
    void send(HttpResponse response, AuditEntry audit, Instant cut) throws IOException {
        try (var out = api.respond(requestId)) {
            begun = true;
            out.head(response.status(), response.headers());
            boolean late = body(response, out, cut);
            if (out.left()) {
                throw new IOException("it wants no more of it");
            }
            if (late) {
                lastEvent(
                        out,
                        response,
                        new InferenceException(Kind.TIMEOUT, "The answer was cut at its deadline."),
                        audit);
            }
            String refused = audit.refusedWith();
            if (response.status() == 200 && refused != null) {
                out.fail(TYPE_ROOM + refused, "The answer ended with an error; its id is " + audit.requestId());
            } else {
                out.end();
            }
        } catch (IOException gone) {
            audit.clientLeft();
            throw gone;
        }
    }

    /** Whether it had to be cut. */
    private static boolean body(HttpResponse response, StreamedResponse out, Instant cut) throws IOException {
        Sinks.Empty<Void> left = Sinks.empty();
        out.onLeft(left::tryEmitEmpty);
        var late = new AtomicBoolean();
        var body = response.body()
                .takeUntilOther(left.asMono())
                .takeUntilOther(Mono.delay(RuntimeLoop.until(cut)).doOnNext(tick -> late.set(true)));
        // one piece ahead; closing the stream cancels the body
        try (var pieces = body.toStream(1)) {
            for (var each = pieces.iterator(); each.hasNext(); ) {
                out.write(each.next());
            }
        }
        return late.get();
    }

    private void lastEvent(StreamedResponse out, HttpResponse response, Throwable error, AuditEntry audit)
            throws IOException {
        var told = gateway.failed(error, audit);
        if (response.headers().getOrDefault("content-type", "").startsWith("text/event-stream")) {
            for (ByteBuffer json : told.body().toIterable()) {
                out.write(StandardCharsets.UTF_8.encode("data: " + StandardCharsets.UTF_8.decode(json) + "\n\n"));
            }
        }
    }

    /** Tells Lambda that this went wrong in a way that nobody foresaw, where it can still be told. */
    void broken() {
        if (begun) {
            return; // the connection was closed in the middle, which says it
        }
        try {
            api.failed(requestId, "Runtime.Failed", "The function failed; its log says why.");
        } catch (IOException gone) {
            LOG.warn("The Runtime API could not be told: {}", gone.getMessage());
        }
    }
}
