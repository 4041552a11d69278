package ai.dialog.functions.inference;

import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Inference refused or failed; its message is fit for the caller to read. */
public final class InferenceException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** What went wrong, from which the HTTP status follows. */
    public enum Kind {
        /** The request cannot be served as it is: 400. */
        INVALID_REQUEST,
        /** Prompt and completion do not fit the context: 400, code {@code context_length_exceeded}. */
        CONTEXT_LENGTH_EXCEEDED,
        /** No such model: 404, code {@code model_not_found}. */
        MODEL_NOT_FOUND,
        /** The queue is full: 429 with Retry-After. */
        OVERLOADED,
        /** Still loading, draining, or the upstream is unreachable: 503 with Retry-After. */
        UNAVAILABLE,
        /** The model's containers were at zero or are being started: 503, code {@code model_starting}, with Retry-After. */
        STARTING,
        /** The deadline passed before the first token: 504. */
        TIMEOUT,
        /** A fault of ours or of the upstream: 500. */
        INTERNAL
    }

    private final Kind kind;
    private final @Nullable String param;
    private final @Nullable Duration retryAfter;

    public InferenceException(
            Kind kind,
            String message,
            @Nullable String param,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    public InferenceException(Kind kind, String message) {
        this(kind, message, null, null, null);
    }

    public Kind kind() {
        return kind;
    }

    /** The request's field that caused it, where one did. */
    public @Nullable String param() {
        return param;
    }

    /** When it is worth trying again, where that is known. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
