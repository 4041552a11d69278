package ai.dialog.functions.audit;

import ai.dialog.functions.access.Principal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * A request on its way through the service, of which an {@link AuditEvent} is made at its end. It travels in the Reactor context,
 * under its class, and may be added to from any thread.
 */
public final class AuditEntry {

    /** Others are as good as junk, and a method may be any text. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");

    private final String requestId = "req_" + UUID.randomUUID().toString().replace("-", "");
    private final Instant time = Instant.now();
    private final long start = System.nanoTime();
    private final AuditLog log;
    private final String method;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable InetAddress address;
    private volatile @Nullable String route;
    private volatile @Nullable Principal caller;
    private volatile @Nullable Refusal refusal;
    private volatile @Nullable Conversation conversation;
    private volatile boolean streamed;
    private volatile boolean clientLeft;

    private record Refusal(@Nullable String code, @Nullable String reason) {}

    private AuditEntry(AuditLog log, String method) {
        this.log = log;
        this.method = METHODS.contains(method) ? method : "other";
    }

    /** A request that just came. */
    public static AuditEntry begin(AuditLog log, String method) {
        return new AuditEntry(log, method);
    }

    /** The entry of the request that is being served; one that nobody reads where the front began none. */
    public static AuditEntry of(ContextView context) {
        AuditEntry entry = context.getOrDefault(AuditEntry.class, null);
        return entry == null ? new AuditEntry(AuditLog.NONE, "") : entry;
    }

    /** What the answer and the log call this request. */
    public String requestId() {
        return requestId;
    }

    /** Where it comes from. */
    public void address(InetAddress from) {
        address = from;
    }

    /** Where it comes from, as a gateway says it; not noted where that is no address. */
    public void from(String literal) {
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            address = null;
        }
    }

    /** What it asks for: one of the service's own names. */
    public void route(String name) {
        route = name;
    }

    /** Who asks. */
    public void caller(Principal principal) {
        caller = principal;
    }

    /**
     * That it is not served.
     *
     * @param code {@code error.code} of the answer
     * @param reason why the caller is not let in, null where that is not why
     */
    public void refused(@Nullable String code, @Nullable String reason) {
        refusal = new Refusal(code, reason);
    }

    /** The {@code error.code} that the answer has, or ends with; null where it is served. */
    public @Nullable String refusedWith() {
        var error = refusal;
        return error == null ? null : Objects.requireNonNullElse(error.code(), "error");
    }

    /** That the answer goes out in pieces. */
    public void streamed() {
        streamed = true;
    }

    /** That nobody waits for the rest of the answer. */
    public void clientLeft() {
        clientLeft = true;
    }

    boolean withPrompts() {
        return log.withPrompts();
    }

    void conversation(Conversation begun) {
        conversation = begun;
    }

    /**
     * Writes the event; only the first call counts.
     *
     * @param status of the answer, null where none was made
     */
    public void end(@Nullable Integer status) {
        if (ended.compareAndSet(false, true)) {
            log.write(event(status));
        }
    }

    private AuditEvent event(@Nullable Integer status) {
        var from = address;
        var principal = caller;
        var error = refusal;
        var spoken = conversation;
        var usage = spoken == null ? null : spoken.usage();
        String prompt = spoken == null ? null : spoken.prompt();
        List<String> answer = spoken == null ? null : spoken.answer();
        return new AuditEvent(
                time,
                requestId,
                from == null ? null : from.getHostAddress(),
                method,
                route,
                status,
                principal == null ? null : principal.keyId(),
                principal == null ? null : principal.owner(),
                principal == null ? null : principal.tenant(),
                principal == null ? null : principal.credential().name().toLowerCase(Locale.ROOT),
                error == null ? null : error.code(),
                error == null ? null : error.reason(),
                spoken == null ? null : spoken.model(),
                usage == null ? null : usage.promptTokens(),
                usage == null ? null : usage.completionTokens(),
                Duration.ofNanos(System.nanoTime() - start).toMillis(),
                streamed,
                clientLeft,
                prompt,
                answer);
    }
}
