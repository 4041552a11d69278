package ai.dialog.functions.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A small file that only its owner can read (mode 0600) and that is replaced whole: a reader sees the old content or the
 * new, whenever the power goes. Changes of two processes are made one after the other, under a lock file beside it.
 */
final class PrivateFile {

    /** A thousand times what a store of one person's keys takes. */
    private static final long MAX_BYTES = 16 * 1024 * 1024;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

    private final Path path;
    private final boolean secret;

    PrivateFile(Path path) {
        this(path, true);
    }

    private PrivateFile(Path path, boolean secret) {
        this.path = path.toAbsolutePath();
        this.secret = secret;
    }

    /** A file that others may read: it holds nothing secret. */
    static PrivateFile open(Path path) {
        return new PrivateFile(path, false);
    }

    Path path() {
        return path;
    }

    /** The content, null where there is no file. */
    byte @Nullable [] read() {
        try {
            if (secret && posix()) {
                var permissions = Files.getPosixFilePermissions(path);
                if (!OWNER_ONLY.containsAll(permissions)) {
                    throw new IllegalStateException("%s holds secrets and others can read it (%s): run chmod 600 on it"
                            .formatted(path, PosixFilePermissions.toString(permissions)));
                }
            }
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new IllegalStateException(
                        "%s has %d bytes; at most %d are expected".formatted(path, size, MAX_BYTES));
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path, e);
        }
    }

    /** Changes when the content does; null where there is no file. */
    @Nullable
    Version version() {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path, e);
        }
    }

    /** Replaces the content by what the function makes of it; null from it leaves everything as it is. */
    void change(UnaryOperator<byte @Nullable []> change) {
        Path folder = folder();
        try {
            Files.createDirectories(folder, attributes(OWNER_FOLDER));
            // a lock file of its own, for the file itself is replaced
            try (var lock = FileChannel.open(
                    path.resolveSibling(path.getFileName() + ".lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    attributes(OWNER_ONLY))) {
                synchronized (PrivateFile.class) {
                    // the system's lock is between processes; within one it would throw
                    try (var held = lock.lock()) {
                        byte[] changed = change.apply(read());
                        if (changed != null && held.isValid()) {
                            replace(folder, changed);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + path, e);
        }
    }

    private void replace(Path folder, byte[] content) throws IOException {
        Path fresh = Files.createTempFile(folder, ".new-", ".tmp", attributes(OWNER_ONLY));
        try {
            try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                var buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private Path folder() {
        Path folder = path.getParent();
        if (folder == null) {
            throw new IllegalArgumentException(path + " is not a file in a folder");
        }
        return folder;
    }

    private boolean posix() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return posix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    /**
     * What tells one content from the next without reading it.
     *
     * @param file which file it is: a replaced one is another, however quickly it was replaced; null where the file
     *     system cannot tell
     */
    record Version(FileTime modified, long size, @Nullable Object file) {}
}
