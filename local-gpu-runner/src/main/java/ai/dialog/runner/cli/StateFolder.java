package ai.dialog.runner.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The folder that keys are kept in. */
final class StateFolder {

    private StateFolder() {}

    /** The folder that was given, else {@code ai-dialog} in the user's folder for settings. */
    static Path of(@Nullable Path given) {
        if (given != null) {
            return given;
        }
        String configured = System.getenv("XDG_CONFIG_HOME");
        Path base = configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home", "."), ".config")
                : Path.of(configured);
        return base.resolve("ai-dialog");
    }
}
