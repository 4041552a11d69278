package ai.dialog.runner.cli;

/** The exit codes of every command; {@code --help} lists them. */
final class ExitCodes {

    /** Done. */
    static final int OK = 0;
    /** It failed; the reason is the one line on standard error. */
    static final int FAILED = 1;
    /** The command line is wrong. */
    static final int USAGE = 2;
    /** The model cannot be found, fetched or read. */
    static final int MODEL = 3;
    /** The running service cannot be reached, or refused the call. */
    static final int SERVICE = 4;

    private ExitCodes() {}
}
