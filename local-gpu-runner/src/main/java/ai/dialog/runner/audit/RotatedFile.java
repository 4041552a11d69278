package ai.dialog.runner.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that only its owner can read (mode 0600), to whose end lines are added. At its size or its age it becomes
 * FILE.1, what was that FILE.2, and so on; the oldest goes. The age is that of the file as the file system knows it; one that
 * keeps no such time tells when it was last written, and there only the size counts. A file that somebody else moved away is begun anew.
 */
final class RotatedFile implements AutoCloseable {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

    private final Path path;
    private final long maxBytes;
    private final Duration maxAge;
    private final int kept;
    private final InstantSource clock;
    private @Nullable FileChannel channel;
    private @Nullable Object opened;

    RotatedFile(Path path, long maxBytes, Duration maxAge, int kept, InstantSource clock) {
        this.path = path.toAbsolutePath();
        this.maxBytes = maxBytes;
        this.maxAge = maxAge;
        this.kept = kept;
        this.clock = clock;
    }

    /** Opens it where it is not open, or is no longer what its path names. */
    void open() throws IOException {
        if (channel != null && opened != null && opened.equals(key())) {
            return;
        }
        close();
        Path folder = path.getParent();
        if (folder != null) {
            Files.createDirectories(folder, attributes(OWNER_FOLDER));
        }
        channel = FileChannel.open(
                path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes(OWNER_ONLY));
        if (posix()) {
            // it may have been there before
            Files.setPosixFilePermissions(path, OWNER_ONLY);
        }
        opened = key();
    }

    /** Adds whole lines. */
    void append(byte[] lines) throws IOException {
        open();
        if (size() > 0 && (size() + lines.length > maxBytes || aged())) {
            rotate();
            open();
        }
        if (channel == null) {
            throw new IOException(path + " is not open");
        }
        var buffer = ByteBuffer.wrap(lines);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private long size() throws IOException {
        return channel == null ? 0 : channel.size();
    }

    private boolean aged() throws IOException {
        var begun = Files.readAttributes(path, BasicFileAttributes.class)
                .creationTime()
                .toInstant();
        return !begun.plus(maxAge).isAfter(clock.instant());
    }

    private void rotate() throws IOException {
        close();
        if (kept == 1) {
            Files.deleteIfExists(path);
            return;
        }
        for (int i = kept - 1; i > 1; i--) {
            if (Files.exists(aside(i - 1))) {
                Files.move(aside(i - 1), aside(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(path, aside(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path aside(int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    private @Nullable Object key() throws IOException {
        try {
            var key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            // a file system that cannot tell one file from the next
            return key == null ? path : key;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private boolean posix() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return posix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    @Override
    public void close() throws IOException {
        var open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
