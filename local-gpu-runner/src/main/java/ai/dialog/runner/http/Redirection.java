package ai.dialog.runner.http;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.http.CallerAddress;
import ai.dialog.functions.http.GatewaySettings;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Sends whoever calls without TLS to where there is TLS: 308, which keeps method and body. Where that is comes from the settings,
 * never from the request's Host. The key that the caller has sent by then has been seen by everybody on the way: the answer does
 * not look at it.
 */
final class Redirection implements AutoCloseable {

    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private final ServerSettings settings;
    private final GatewaySettings allowed;
    private final CallerAddress address;
    private final String base;
    private final DisposableServer server;

    private Redirection(ServerSettings settings, int port, String base) {
        this.settings = settings;
        this.allowed = new GatewaySettings(
                "chat", 1, settings.callers().corsOrigins(), settings.callers().allowed());
        this.address = new CallerAddress(settings.callers().trustedProxies());
        this.base = base;
        this.server = RunnerConfiguration.guarded(
                        HttpServer.create().bindAddress(() -> new InetSocketAddress(settings.address(), port)),
                        settings)
                .handle(this::answer)
                .bindNow();
    }

    /**
     * Listens.
     *
     * @param port where
     * @param base where callers are sent, such as https://chat.example.org
     */
    static Redirection listen(ServerSettings settings, int port, String base) {
        return new Redirection(settings, port, base);
    }

    int port() {
        return server.port();
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        response.header("X-Content-Type-Options", "nosniff").header(HttpHeaderNames.CACHE_CONTROL, "no-store");
        var remote = request.remoteAddress();
        try {
            if (remote == null) {
                throw new IllegalStateException("A request without a connection");
            }
            allowed.requireAllowed(
                    address.of(remote.getAddress(), request.requestHeaders().getAll(CallerAddress.HEADER)));
        } catch (AccessException denied) {
            byte[] body = HttpErrors.body(403, String.valueOf(denied.getMessage()));
            return response.status(HttpResponseStatus.FORBIDDEN)
                    .header(HttpHeaderNames.CONTENT_TYPE, "application/json")
                    .sendByteArray(Mono.just(body));
        }
        return response.status(HttpResponseStatus.PERMANENT_REDIRECT)
                .header(HttpHeaderNames.LOCATION, base + path(request.uri()))
                .header(HttpHeaderNames.CONTENT_LENGTH, "0")
                .send();
    }

    /** What may stand behind the base: a path of visible ASCII that no browser takes for another host. */
    private static String path(String target) {
        boolean plain = target.startsWith("/")
                && !target.startsWith("//")
                && !target.startsWith("/\\")
                && StandardCharsets.US_ASCII.newEncoder().canEncode(target)
                && target.chars().allMatch(c -> c > ' ' && c < 127);
        return plain ? target : "/";
    }

    @Override
    public void close() {
        server.disposeNow(LAST_ANSWERS);
    }

    @Override
    public String toString() {
        return "Redirection[" + settings.host() + ":" + server.port() + " to " + base + "]";
    }
}
