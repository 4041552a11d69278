package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Says what is known of a path that could not be used: whether it exists, its permissions, its owner. */
final class PathReport {

    private PathReport() {}

    /** The error for a model that is absent or may not be read. */
    static ModelException notFound(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return new ModelException("Model not found: looked at " + absolute + " (" + describe(absolute) + ")");
    }

    /** One clause, such as {@code exists, rwxr-x---, owner alice; user bob may not read it}. */
    static String describe(Path path) {
        String attributes = attributes(path);
        if (attributes == null) {
            return nearestFolder(path);
        }
        boolean folder = Files.isDirectory(path);
        boolean usable = Files.isReadable(path) && (!folder || Files.isExecutable(path));
        String what = folder ? "folder exists, " : "exists, ";
        return what + attributes + (usable ? "" : "; user " + System.getProperty("user.name") + " may not read it");
    }

    /** What is known of a path where nothing can be seen: the last folder on the way to it that can. */
    private static String nearestFolder(Path path) {
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            String attributes = attributes(parent);
            if (attributes != null) {
                String folder = "folder " + parent + " exists, " + attributes;
                return Files.isExecutable(parent)
                        ? "does not exist; " + folder
                        : "cannot be seen; " + folder + "; user " + System.getProperty("user.name")
                                + " may not look into it";
            }
        }
        return "does not exist, nor does any folder on the way to it";
    }

    /** Permissions and owner, or null where nothing is there or nothing can be seen. */
    private static @Nullable String attributes(Path path) {
        try {
            PosixFileAttributes posix = Files.readAttributes(path, PosixFileAttributes.class);
            return PosixFilePermissions.toString(posix.permissions()) + ", owner "
                    + posix.owner().getName();
        } catch (UnsupportedOperationException e) { // a file system without POSIX permissions
            return Files.exists(path) ? (Files.isReadable(path) ? "readable" : "not readable") : null;
        } catch (IOException e) {
            return null;
        }
    }
}
