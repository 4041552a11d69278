package ai.dialog.model;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A model cannot be found, read or run; the message says what was wrong, where, and what to do. */
public final class ModelException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
