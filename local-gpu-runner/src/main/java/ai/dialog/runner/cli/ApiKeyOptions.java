package ai.dialog.runner.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The one key of a service whose keys nobody manages: its text, or a file that has it. */
final class ApiKeyOptions {

    /** Many times any key of ours; a file of another kind that was named by mistake is longer. */
    private static final int MAX_BYTES = 1024;

    /** Where container engines mount secrets, readable by whoever is in the container: they say who that is. */
    private static final List<Path> OF_THE_ENGINE = List.of(Path.of("/run/secrets"), Path.of("/var/run/secrets"));

    private static final Set<PosixFilePermission> OTHERS_READ =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "The API key, at least 8 characters. Better given as API_KEY: other users can see a command line.")
    private @Nullable String key;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "A file with the API key and nothing else, such as a container's secret. Also: API_KEY_FILE.")
    private @Nullable Path file;

    /** The key that was given; null where none was. */
    @Nullable
    String value() {
        boolean typed = key != null && !key.isBlank();
        if (file == null) {
            return key;
        }
        if (typed) {
            throw new CliException(
                    ExitCodes.USAGE, "--api-key (API_KEY) and --api-key-file (API_KEY_FILE) are both given: give one");
        }
        return read(file, OF_THE_ENGINE);
    }

    /**
     * Reads a key.
     *
     * @param shared folders whose files others may read
     */
    static String read(Path file, List<Path> shared) {
        try {
            checkPermissions(file.toAbsolutePath().normalize(), shared);
            if (Files.size(file) > MAX_BYTES) {
                throw refused(file, "has more than " + MAX_BYTES + " bytes, which no API key has");
            }
            // editors and echo end a file with a line's end
            String key = Files.readString(file).strip();
            if (key.isEmpty()) {
                throw refused(file, "is empty: write the API key into it");
            }
            if (key.lines().count() > 1) {
                throw refused(file, "has several lines: it must have the API key and nothing else");
            }
            return key;
        } catch (NoSuchFileException e) {
            throw refused(file, "is not there: write the API key into it");
        } catch (CharacterCodingException e) {
            throw refused(file, "is no text: it must have the API key and nothing else");
        } catch (IOException e) {
            throw refused(file, "cannot be read by this user (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static void checkPermissions(Path file, List<Path> shared) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        var permissions = Files.getPosixFilePermissions(file);
        String shown = PosixFilePermissions.toString(permissions);
        if (permissions.stream().anyMatch(OTHERS_WRITE::contains)) {
            throw refused(file, "can be changed by others (" + shown + "): run chmod go-w on it");
        }
        if (permissions.stream().anyMatch(OTHERS_READ::contains)
                && shared.stream().noneMatch(file::startsWith)) {
            throw refused(
                    file,
                    "can be read by others (" + shown + "): run chmod 600 on it, or mount it into "
                            + shared.getFirst());
        }
    }

    private static CliException refused(Path file, String why) {
        return new CliException(ExitCodes.FAILED, "the API key file " + file + " " + why);
    }
}
