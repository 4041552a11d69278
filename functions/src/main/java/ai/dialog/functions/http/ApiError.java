package ai.dialog.functions.http;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.limits.LimitExceededException;
import ai.dialog.functions.openai.ErrorBody;
import ai.dialog.functions.openai.InvalidRequestException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error as HTTP tells it: the one place where causes become statuses and OpenAI's error objects, for every adapter.
 *
 * @param headers beside the content type
 */
public record ApiError(int status, Map<String, String> headers, ErrorBody body) {

    private static final String INVALID_REQUEST = "invalid_request_error";
    private static final String SERVER = "server_error";
    private static final Duration QUEUE_RETRY = Duration.ofSeconds(1);
    private static final Duration OUTAGE_RETRY = Duration.ofSeconds(5);

    public ApiError {
        headers = Map.copyOf(headers);
    }

    /** Whether the fault is ours and nobody foresaw it, so that it belongs into the log. */
    static boolean unexpected(Throwable error) {
        return switch (error) {
            case InvalidRequestException refused -> false;
            case AccessException denied -> false;
            case LimitExceededException limited -> false;
            case BodyException unread -> false;
            case InferenceException failed -> failed.kind() == InferenceException.Kind.INTERNAL;
            default -> true;
        };
    }

    /** Why a caller is not let in; null where that is not what failed. */
    static @Nullable String reason(Throwable error) {
        return error instanceof AccessException denied ? text(denied) : null;
    }

    /** What a failure looks like to the caller; one that was not foreseen says the request's id and nothing else. */
    public static ApiError of(Throwable error, String requestId) {
        return switch (error) {
            case InvalidRequestException refused -> invalid(400, text(refused), refused.param(), refused.code());
            case AccessException denied -> of(denied);
            case LimitExceededException limited -> of(limited);
            case BodyException unread -> of(unread);
            case InferenceException failed -> of(failed);
            default ->
                simple(
                        500,
                        "The server had an error while processing the request. If it stays, report the request id "
                                + requestId + ".",
                        SERVER,
                        "internal_error");
        };
    }

    private static ApiError of(AccessException denied) {
        return switch (denied.kind()) {
            case UNAUTHENTICATED ->
                new ApiError(
                        401,
                        Map.of("www-authenticate", "Bearer realm=\"ai-dialog\""),
                        ErrorBody.of(text(denied), INVALID_REQUEST, null, "invalid_api_key"));
            case FORBIDDEN -> simple(403, text(denied), "permission_error", "insufficient_permissions");
            case ADDRESS_NOT_ALLOWED -> simple(403, text(denied), "permission_error", "address_not_allowed");
            case UNAVAILABLE ->
                new ApiError(
                        503,
                        Map.of("retry-after", Long.toString(OUTAGE_RETRY.toSeconds())),
                        ErrorBody.of(text(denied), SERVER, null, "service_unavailable"));
        };
    }

    private static ApiError of(LimitExceededException limited) {
        if (limited.limit().isBudget()) {
            return simple(402, text(limited), "insufficient_quota", "insufficient_quota");
        }
        var wait = limited.retryAfter();
        return new ApiError(
                429,
                wait == null ? Map.of() : Map.of("retry-after", seconds(wait)),
                ErrorBody.of(text(limited), "rate_limit_error", null, "rate_limit_exceeded"));
    }

    private static ApiError of(InferenceException failed) {
        String message = text(failed);
        return switch (failed.kind()) {
            case INVALID_REQUEST -> invalid(400, message, failed.param(), "invalid_value");
            case CONTEXT_LENGTH_EXCEEDED -> invalid(400, message, failed.param(), "context_length_exceeded");
            case MODEL_NOT_FOUND -> invalid(404, message, "model", "model_not_found");
            case OVERLOADED -> later(429, message, "rate_limit_error", "engine_overloaded", failed, QUEUE_RETRY);
            case UNAVAILABLE -> later(503, message, SERVER, "service_unavailable", failed, OUTAGE_RETRY);
            case STARTING -> later(503, message, SERVER, "model_starting", failed, OUTAGE_RETRY);
            case TIMEOUT -> simple(504, message, SERVER, "timeout");
            case INTERNAL -> simple(500, message, SERVER, "internal_error");
        };
    }

    static ApiError notFound() {
        // neither method nor path is repeated: they may hold anything
        return simple(404, "Unknown request URL. The API begins with /v1.", INVALID_REQUEST, "unknown_url");
    }

    static ApiError modelNotFound(String id) {
        return invalid(
                404,
                "The model '%s' does not exist. GET /v1/models lists them.".formatted(id),
                "model",
                "model_not_found");
    }

    static ApiError methodNotAllowed(String allowed) {
        return new ApiError(
                405,
                Map.of("allow", allowed),
                ErrorBody.of("Only " + allowed + " is allowed here.", INVALID_REQUEST, null, "method_not_allowed"));
    }

    static ApiError notJson() {
        return simple(
                415,
                "The body must be JSON in UTF-8. Send the header 'Content-Type: application/json'.",
                INVALID_REQUEST,
                "unsupported_media_type");
    }

    private static ApiError of(BodyException unread) {
        return switch (unread.kind()) {
            case TOO_LARGE -> simple(413, text(unread), INVALID_REQUEST, "request_too_large");
            case TOO_SLOW -> simple(408, text(unread), INVALID_REQUEST, "request_timeout");
        };
    }

    private static ApiError simple(int status, String message, String type, String code) {
        return new ApiError(status, Map.of(), ErrorBody.of(message, type, null, code));
    }

    private static ApiError invalid(int status, String message, @Nullable String param, String code) {
        return new ApiError(status, Map.of(), ErrorBody.of(message, INVALID_REQUEST, param, code));
    }

    private static ApiError later(
            int status, String message, String type, String code, InferenceException failed, Duration otherwise) {
        var wait = failed.retryAfter() == null ? otherwise : failed.retryAfter();
        return new ApiError(
                status, Map.of("retry-after", seconds(wait)), ErrorBody.of(message, type, failed.param(), code));
    }

    /** Whole seconds, rounded up: zero would invite a storm. */
    private static String seconds(Duration wait) {
        return Long.toString(Math.max(1, wait.plusMillis(999).toSeconds()));
    }

    private static String text(Throwable error) {
        String message = error.getMessage();
        return message == null ? "" : message;
    }
}
