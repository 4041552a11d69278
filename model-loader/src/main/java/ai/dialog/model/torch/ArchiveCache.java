package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of converted checkpoints. A file is made under another name, forced to the disk and renamed, so it is whole or
 * not there; a lock file lets one process make it while others wait. A file whose checksums are wrong is made again.
 */
final class ArchiveCache {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveCache.class);
    /** Within one process a file lock cannot be waited for. */
    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private static final String SUFFIX = ".pt";

    private final Path folder;

    ArchiveCache(Path folder) {
        this.folder = folder;
    }

    /** Makes a file. */
    @FunctionalInterface
    interface Maker {
        void make(Path file) throws IOException;
    }

    /**
     * Finds a file, and makes it where it is not there or damaged.
     *
     * @param base names the checkpoint and the precision; older files of the same base are removed
     * @param version of the code that makes it
     * @param bytes it will have, about
     * @throws ModelException if it cannot be made, saying why
     */
    Path get(String base, String version, long bytes, Maker maker) {
        IN_PROCESS.lock();
        try {
            Files.createDirectories(folder);
            try (FileChannel lockFile = FileChannel.open(
                            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lockFile.lock()) {
                LOG.trace("locked {}", lock);
                Path file = folder.resolve(base + "-" + version + SUFFIX);
                if (!isWhole(file)) {
                    removeOthers(base, file);
                    checkSpace(bytes);
                    make(file, maker);
                }
                return file;
            }
        } catch (IOException e) {
            throw failure(e, bytes);
        } finally {
            IN_PROCESS.unlock();
        }
    }

    private static boolean isWhole(Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        try {
            StoredZip.verify(file);
            return true;
        } catch (IOException e) {
            LOG.warn("{} is damaged and will be made again: {}", file, e.getMessage());
            return false;
        }
    }

    private void make(Path file, Maker maker) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            maker.make(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void removeOthers(String base, Path kept) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, base + "-*")) {
            for (Path file : files) {
                if (!file.equals(kept)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void checkSpace(long bytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw new IOException("No space left on device");
        }
    }

    private ModelException failure(IOException e, long bytes) {
        String message = String.valueOf(e.getMessage());
        String help = "; choose another folder with --models-dir";
        if (message.contains("No space left")) {
            return new ModelException(
                    "the disk is full: " + folder + " needs " + (bytes >> 20) + " MiB for the converted model; free"
                            + " space" + help,
                    e);
        }
        if (e instanceof AccessDeniedException || e instanceof NoSuchFileException) {
            return new ModelException(
                    "no permission to write to the folder " + folder + " (" + message + ")" + help, e);
        }
        return new ModelException("the converted model cannot be written to " + folder + ": " + message + help, e);
    }
}
