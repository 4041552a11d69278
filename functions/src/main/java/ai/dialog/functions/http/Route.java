package ai.dialog.functions.http;

import org.jspecify.annotations.Nullable;

/** The paths that the gateway knows. */
enum Route {
    CHAT("POST", "/v1/chat/completions", true),
    COMPLETIONS("POST", "/v1/completions", true),
    TOKENS("POST", "/v1/tokens", true),
    MODELS("GET", "/v1/models", true),
    /** The rest of the path is the model's id, which may have slashes. */
    MODEL("GET", "/v1/models/", true),
    HEALTH("GET", "/health", false),
    JWKS("GET", "/.well-known/jwks.json", false),
    OPENAPI("GET", "/openapi.json", false);

    private final String method;
    private final String path;
    private final boolean guarded;

    Route(String method, String path, boolean guarded) {
        this.method = method;
        this.path = path;
        this.guarded = guarded;
    }

    /** The route of a path, null where there is none. */
    static @Nullable Route of(String path) {
        for (var route : values()) {
            if (route == MODEL
                    ? path.startsWith(route.path) && path.length() > route.path.length()
                    : path.equals(route.path)) {
                return route;
            }
        }
        return null;
    }

    String method() {
        return method;
    }

    /** Whether it answers a method; HEAD asks what GET would answer (RFC 9110, section 9.3.2). */
    boolean answers(String asked) {
        return asked.equals(method) || (asked.equals("HEAD") && method.equals("GET"));
    }

    /** The methods that it answers, as the header Allow lists them. */
    String methods() {
        return method.equals("GET") ? "GET, HEAD, OPTIONS" : method + ", OPTIONS";
    }

    /** The path, or what it begins with where more of it follows. */
    String path() {
        return path;
    }

    /** Whether a caller must be known. */
    boolean guarded() {
        return guarded;
    }

    /** What follows the route's path. */
    String rest(String wholePath) {
        return wholePath.substring(path.length());
    }
}
