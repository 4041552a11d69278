package ai.dialog.runner.cli;

import org.jspecify.annotations.Nullable;

/** Bounds of the numbers that the command line takes. */
final class Bounds {

    private Bounds() {}

    /**
     * Refuses a number out of its bounds.
     *
     * @param value null is within any bounds
     */
    static void check(String option, @Nullable Integer value, int least, int most) {
        if (value != null && (value < least || value > most)) {
            throw new CliException(
                    ExitCodes.USAGE, option + " must be from " + least + " to " + most + ", and is " + value);
        }
    }
}
