package ai.dialog.runner.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** One line about a failure, for a person. */
final class ErrorText {

    private ErrorText() {}

    /** The message of an exception on one line, or its kind where it has none. */
    static String reason(Throwable failure) {
        String message = failure.getMessage();
        String text = switch (failure) {
            case NoSuchFileException missing -> "no such file: " + missing.getFile();
            case AccessDeniedException denied -> "permission denied: " + denied.getFile();
            default -> message == null ? failure.getClass().getSimpleName() : message;
        };
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
