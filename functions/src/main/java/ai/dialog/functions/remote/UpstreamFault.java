package ai.dialog.functions.remote;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.io.IOException;
import java.io.Serial;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A call that failed before its first text: what the caller is told, and whether another try can help.
 *
 * <p>What the model server says reaches the caller only as the message of an OpenAI error object that speaks of the
 * request itself; everything else (an HTML page, a stack trace, a refusal of our own credential) stays here.
 */
final class UpstreamFault extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final int MAX_MESSAGE = 1000;
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

    private final InferenceException outcome;
    private final boolean repeatable;
    private final @Nullable Duration notBefore;

    private UpstreamFault(InferenceException outcome, boolean repeatable, @Nullable Duration notBefore) {
        super(outcome.getMessage(), outcome);
        this.outcome = outcome;
        this.repeatable = repeatable;
        this.notBefore = notBefore;
    }

    /** What the caller is told where no further try is made. */
    InferenceException outcome() {
        return outcome;
    }

    /** Whether the same call may be made again: nothing was generated, and the cause can pass. */
    boolean repeatable() {
        return repeatable;
    }

    /** The pause that the server asked for; null where it did not. */
    @Nullable
    Duration notBefore() {
        return notBefore;
    }

    /** The connection could not be made, or broke before any text came. */
    static UpstreamFault ofConnection(Throwable cause) {
        boolean refused = cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
        String message = refused
                ? "The model server cannot be reached."
                : "The connection to the model server broke before an answer came.";
        return new UpstreamFault(
                new InferenceException(Kind.UNAVAILABLE, message, null, null, cause),
                cause instanceof IOException,
                null);
    }

    /**
     * The server answered with a status other than 200.
     *
     * @param body the start of what it sent
     */
    static UpstreamFault ofStatus(int status, HttpHeaders headers, byte[] body, JsonMapper json) {
        ErrorObject error = ErrorObject.of(body, json);
        Duration retryAfter = retryAfter(headers.firstValue("Retry-After").orElse(null), Instant.now());
        InferenceException outcome = outcome(status, error, retryAfter);
        boolean repeatable = status == 502 || status == 503 || (status == 429 && retryAfter != null);
        return new UpstreamFault(outcome, repeatable, retryAfter);
    }

    private static InferenceException outcome(int status, @Nullable ErrorObject error, @Nullable Duration retryAfter) {
        return switch (status) {
            case 400, 413, 422 -> invalid(error);
            case 404 ->
                error == null
                        ? internal("The model server has no such resource; is its address right?")
                        : new InferenceException(Kind.MODEL_NOT_FOUND, error.message(), "model", null, null);
            case 429 ->
                new InferenceException(
                        Kind.OVERLOADED, "The model server is busy; try again later.", null, retryAfter, null);
            case 502, 503 ->
                new InferenceException(
                        Kind.UNAVAILABLE, "The model server is not ready; try again later.", null, retryAfter, null);
            case 504 -> new InferenceException(Kind.TIMEOUT, "The model server did not answer in time.");
            default -> internal("The model server failed (status " + status + ").");
        };
    }

    /** An error that the server sent as an event of a stream; its own code stands for the status. */
    static InferenceException ofEvent(JsonNode event, boolean textHasCome) {
        ErrorObject error = ErrorObject.of(event);
        if (textHasCome || error == null) {
            return internal("The model server broke off its answer.");
        }
        return outcome(error.status(), error, null);
    }

    private static InferenceException invalid(@Nullable ErrorObject error) {
        if (error == null) {
            return new InferenceException(Kind.INVALID_REQUEST, "The model server cannot serve this request.");
        }
        Kind kind = error.speaksOfContextLength() ? Kind.CONTEXT_LENGTH_EXCEEDED : Kind.INVALID_REQUEST;
        return new InferenceException(kind, error.message(), error.param(), null, null);
    }

    static InferenceException internal(String message) {
        return new InferenceException(Kind.INTERNAL, message);
    }

    /** RFC 9110, 10.2.3: seconds, or a date. Null where it is neither; at most a day. */
    static @Nullable Duration retryAfter(@Nullable String value, Instant now) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        if (!text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return bounded(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return bounded(Duration.between(now, then));
        } catch (DateTimeParseException notADate) {
            return null;
        }
    }

    private static Duration bounded(Duration value) {
        if (value.isNegative()) {
            return Duration.ZERO;
        }
        return value.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : value;
    }

    /**
     * OpenAI's error object, or vLLM's older form of it without the envelope.
     *
     * @param status the HTTP status that its code or type stands for
     */
    private record ErrorObject(String message, @Nullable String param, String code, int status) {

        static @Nullable ErrorObject of(byte[] body, JsonMapper json) {
            try {
                return of(json.readTree(body));
            } catch (JacksonException notJson) {
                return null;
            }
        }

        static @Nullable ErrorObject of(JsonNode tree) {
            boolean enveloped = tree.path("error").isObject();
            boolean known = enveloped || tree.path("object").asString("").equals("error");
            JsonNode error = enveloped ? tree.path("error") : tree;
            if (!known || !error.path("message").isString()) {
                return null;
            }
            JsonNode code = error.path("code");
            String name = code.asString("") + " " + error.path("type").asString("");
            String param =
                    error.path("param").isString() ? clean(error.path("param").stringValue()) : null;
            return new ErrorObject(clean(error.path("message").stringValue()), param, name, status(code, name));
        }

        private static int status(JsonNode code, String name) {
            if (code.isInt()) {
                return code.intValue();
            }
            if (name.contains("model_not_found")) {
                return 404;
            }
            return name.contains("invalid_request") || name.contains("context_length") ? 400 : 500;
        }

        /** vLLM and SGLang give no code of their own for it, only these words. */
        boolean speaksOfContextLength() {
            return code.contains("context_length_exceeded")
                    || message.toLowerCase(Locale.ROOT).contains("context length");
        }

        private static String clean(String text) {
            String cut = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text;
            return cut.replaceAll("\\p{Cntrl}+", " ").strip();
        }
    }
}
