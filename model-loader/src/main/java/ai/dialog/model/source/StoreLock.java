package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One process, and one thread in it, works on a model at a time. The lock is the operating system's, so it goes with a
 * process that dies; its file stays, because removing it would let two processes lock two files of the same name.
 */
final class StoreLock {

    private static final Map<Path, ReentrantLock> IN_THIS_PROCESS = new ConcurrentHashMap<>();
    private static final long POLL_MILLIS = 200;

    private final ReentrantLock local;
    private final FileChannel channel;

    private StoreLock(ReentrantLock local, FileChannel channel) {
        this.local = local;
        this.channel = channel;
    }

    /**
     * Waits for the lock, telling so, and works while it is held.
     *
     * @param what is locked, for the message
     */
    static <T> T holding(Path file, String what, Progress progress, Supplier<T> work) {
        StoreLock lock = take(file, what, progress);
        try {
            return work.get();
        } finally {
            close(lock.channel);
            lock.local.unlock();
        }
    }

    private static StoreLock take(Path file, String what, Progress progress) {
        String waiting = "Waiting for another process that downloads " + what;
        ReentrantLock local =
                IN_THIS_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
        FileChannel channel = null;
        boolean taken = false;
        try {
            while (!local.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                progress.update(waiting, 0, -1);
            }
            Files.createDirectories(file.resolveSibling("").toAbsolutePath());
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            while (lock == null) {
                progress.update(waiting, 0, -1);
                Thread.sleep(POLL_MILLIS);
                lock = channel.tryLock();
            }
            taken = true;
            return new StoreLock(local, channel);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while waiting for another process that downloads " + what, e);
        } catch (IOException e) {
            throw DiskFault.of(file, e);
        } finally {
            if (!taken) {
                close(channel);
                if (local.isHeldByCurrentThread()) {
                    local.unlock();
                }
            }
        }
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The lock is gone with the channel either way.
        }
    }
}
