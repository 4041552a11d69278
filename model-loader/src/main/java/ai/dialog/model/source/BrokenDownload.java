package ai.dialog.model.source;

import java.io.Serial;

/** A download that broke off and can be resumed later from what is already there. */
final class BrokenDownload extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    BrokenDownload(String message, Throwable cause) {
        super(message, cause);
    }
}
