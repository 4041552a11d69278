package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/** What went wrong on the disk, in words, with what to do about it. */
final class DiskFault {

    private static final String ELSEWHERE = " Choose another folder with --models-dir or AI_DIALOG_MODELS_DIR.";

    private DiskFault() {}

    /** The error for a failed access below the models folder. */
    static ModelException of(Path path, IOException cause) {
        String reason = cause instanceof FileSystemException files
                ? Objects.requireNonNullElse(files.getReason(), cause.getClass().getSimpleName())
                : Objects.toString(cause.getMessage(), cause.getClass().getSimpleName());
        String lower = reason.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("quota exceeded")) {
            return new ModelException(
                    "the disk is full: " + path + " could not be written. Free some room and try again." + ELSEWHERE,
                    cause);
        }
        if (cause instanceof AccessDeniedException || lower.contains("permi")) {
            return new ModelException(
                    "permission denied: user " + System.getProperty("user.name") + " cannot write " + path + " ("
                            + nearest(path) + ")." + ELSEWHERE,
                    cause);
        }
        return new ModelException(
                path + " cannot be written: " + reason + " (" + nearest(path) + ")." + ELSEWHERE, cause);
    }

    /** Fails before a download that cannot fit. */
    static void checkRoom(Path folder, long bytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free) {
            throw new ModelException("the disk is full: " + ByteCount.of(bytes) + " are needed in " + folder + " and "
                    + ByteCount.of(free) + " are free. Free some room and try again." + ELSEWHERE);
        }
    }

    private static String nearest(Path path) {
        for (Path at = path.toAbsolutePath(); at != null; at = at.getParent()) {
            try {
                if (Files.exists(at)) {
                    String kind = Files.isDirectory(at) ? "folder " : "file ";
                    return kind + at + ", owner " + Files.getOwner(at).getName() + ", "
                            + (Files.isWritable(at) ? "writable" : "not writable");
                }
            } catch (IOException | UnsupportedOperationException e) {
                return "its folder cannot be looked at";
            }
        }
        return "no folder on the way exists";
    }
}
