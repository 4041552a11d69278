package ai.dialog.runner.http;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * What every response tells a browser: run only this server's own files, be framed by nobody, guess no types, send no
 * referrer, keep no copy (the page's own files say otherwise for themselves).
 */
final class SecurityHeaders implements WebFilter {

    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** A year, as browsers ask of it to count (hstspreload.org). */
    private static final String HTTPS_ONLY = "max-age=31536000";

    private final boolean httpsOnly;

    /**
     * The headers.
     *
     * @param httpsOnly whether a browser shall never again call this host without TLS: for a certificate that it trusts, since it
     *     then takes no other
     */
    SecurityHeaders(boolean httpsOnly) {
        this.httpsOnly = httpsOnly;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        var headers = exchange.getResponse().getHeaders();
        headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        if (httpsOnly) {
            headers.set("Strict-Transport-Security", HTTPS_ONLY);
        }
        headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
        return chain.filter(exchange);
    }
}
