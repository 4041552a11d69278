package ai.dialog.runner.http;

import ai.dialog.functions.openai.ErrorBody;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's error object for what never reaches the functions, where all that is known is a status. */
final class HttpErrors {

    private static final JsonMapper JSON = new JsonMapper();

    private HttpErrors() {}

    /** The object as JSON in UTF-8. */
    static byte[] body(int status) {
        return body(status, message(status));
    }

    /** The object with a message of its own. */
    static byte[] body(int status, String message) {
        var type = status < 500 ? "invalid_request_error" : "server_error";
        return JSON.writeValueAsBytes(ErrorBody.of(message, type, null, code(status)));
    }

    static String code(int status) {
        return switch (status) {
            case 400 -> "bad_request";
            case 404 -> "unknown_url";
            case 405 -> "method_not_allowed";
            case 408 -> "request_timeout";
            case 413 -> "request_too_large";
            case 414 -> "uri_too_long";
            case 415 -> "unsupported_media_type";
            case 431 -> "headers_too_large";
            case 503 -> "service_unavailable";
            default -> status < 500 ? "bad_request" : "internal_error";
        };
    }

    private static String message(int status) {
        return switch (status) {
            case 400 -> "The request is not valid HTTP.";
            case 404 -> "Unknown path. The API begins with /v1, and the page is at /.";
            case 405 -> "This path does not answer that method. The header Allow names those that it does.";
            case 408 -> "The request did not arrive in time.";
            case 413 -> "The request's body is too large.";
            case 414 -> "The request's address is too long.";
            case 415 -> "The body must be JSON in UTF-8. Send the header 'Content-Type: application/json'.";
            case 431 -> "The request's headers are too large.";
            case 503 -> "The server has too many connections open. Try again shortly.";
            default -> status < 500 ? "The request cannot be served." : "The server failed. Its log says more.";
        };
    }
}
