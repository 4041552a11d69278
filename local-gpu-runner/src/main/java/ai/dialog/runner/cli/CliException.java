package ai.dialog.runner.cli;

import java.io.Serial;

/** Ends the command with one line on standard error and an exit code. */
final class CliException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
