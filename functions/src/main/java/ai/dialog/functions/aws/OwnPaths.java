package ai.dialog.functions.aws;

import ai.dialog.functions.http.HttpRequest;
import java.util.List;

/**
 * The paths that one deployed function answers, so that no event makes it another function.
 *
 * @param paths each whole, or ending in a slash for everything below it
 */
public record OwnPaths(List<String> paths) {

    /** Conversations and texts. */
    public static final OwnPaths CHAT = of("/v1/chat/completions", "/v1/completions");

    public OwnPaths {
        paths = List.copyOf(paths);
    }

    static OwnPaths of(String... paths) {
        return new OwnPaths(List.of(paths));
    }

    /** The request, where the path is one of these; for others one with a path that the gateway does not know. */
    public HttpRequest only(HttpRequest request) {
        boolean ours = paths.stream()
                .anyMatch(path -> path.endsWith("/")
                        ? request.path().startsWith(path)
                        : request.path().equals(path));
        return ours
                ? request
                : new HttpRequest(request.method(), "/", request.headers(), request.sourceAddress(), request.body());
    }
}
