package ai.dialog.functions.http;

import java.io.Serial;
import java.time.Duration;

/** A request's body that a server did not read to its end; its message is fit for the caller to read. */
public final class BodyException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Why not. */
    enum Kind {
        /** It has more bytes than are read: 413. */
        TOO_LARGE,
        /** It did not arrive in time: 408. */
        TOO_SLOW
    }

    private final Kind kind;

    private BodyException(Kind kind, String message) {
        // no stack trace: a flood of refusals must stay cheap
        super(message, null, false, false);
        this.kind = kind;
    }

    /** The body is longer than this. */
    public static BodyException tooLarge(int mostBytes) {
        return new BodyException(Kind.TOO_LARGE, "The request body is larger than %d bytes.".formatted(mostBytes));
    }

    /** The body had this long. */
    public static BodyException tooSlow(Duration longest) {
        return new BodyException(
                Kind.TOO_SLOW,
                "The request body did not come within %d seconds.".formatted(Math.max(1, longest.toSeconds())));
    }

    Kind kind() {
        return kind;
    }
}
