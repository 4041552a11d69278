package ai.dialog.functions.access;

import java.io.Serial;

/** The caller is not known, may not do this, or cannot be checked; its message is fit for the caller to read. */
public final class AccessException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    static final String MISSING =
            "You didn't provide an API key. Send it in the header 'Authorization: Bearer YOUR_KEY'.";

    /** Which of the four. */
    public enum Kind {
        /** No credential, or none that is good: 401. */
        UNAUTHENTICATED,
        /** Known, but not allowed: 403. */
        FORBIDDEN,
        /** Whoever it is, not from this address: 403. */
        ADDRESS_NOT_ALLOWED,
        /** It cannot be told now, because keys cannot be read: 503. */
        UNAVAILABLE
    }

    private final Kind kind;

    private AccessException(Kind kind, String message) {
        // no stack trace: a flood of refusals must stay cheap
        super(message, null, false, false);
        this.kind = kind;
    }

    /** The credential is missing or not good. */
    public static AccessException unauthenticated(String message) {
        return new AccessException(Kind.UNAUTHENTICATED, message);
    }

    /** The caller is known, and this is not allowed. */
    public static AccessException forbidden(String message) {
        return new AccessException(Kind.FORBIDDEN, message);
    }

    /** Nobody, or not this caller, may call from there. */
    public static AccessException addressNotAllowed(String message) {
        return new AccessException(Kind.ADDRESS_NOT_ALLOWED, message);
    }

    /** The keys that would tell cannot be read. */
    public static AccessException unavailable(String message) {
        return new AccessException(Kind.UNAVAILABLE, message);
    }

    /** Whether the caller is unknown, not allowed, or cannot be checked now. */
    public Kind kind() {
        return kind;
    }
}
