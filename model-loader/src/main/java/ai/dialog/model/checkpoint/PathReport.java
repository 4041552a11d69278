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
            return "does not exist; " + nearestFolder(path);
        }
        boolean folder = Files.isDirectory(path);
        boolean usable = Files.isReadable(path) && (!folder || Files.isExecutable(path));
        String what = folder ? "folder exists, " : "exists, ";
        return what + attributes + (usable ? "" : "; user " + System.getProperty("user.name") + " may not read it");
    }

    private static String nearestFolder(Path path) {
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            String attributes = attributes(parent);
            if (attributes != null) {
                boolean open = Files.isExecutable(parent);
                String user = System.getProperty("user.name");
                return "folder " + parent + " exists, " + attributes
                        + (open ? "" : "; user " + user + " may not look into it, so the file may be there");
            }
        }
        return "no folder on the way to it exists";
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
