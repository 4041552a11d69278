package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one file: into {@code NAME.part}, with the server's validator beside it in {@code NAME.part.tag}, and to its name
 * only when it is whole and its checksum is right. A broken connection is tried again from where it broke; what is left
 * after the last try is where the next process goes on.
 */
final class FileDownload {

    private static final int BUFFER = 1 << 16;
    private static final int MAX_TAG = 512;

    private final RemoteFile file;
    private final Path folder;
    private final Path target;
    private final Path part;
    private final Path tagFile;
    private final Retry retry;
    private final Progress progress;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private MessageDigest digest = sha256();
    private long position;
    private @Nullable String tag;

    /**
     * How often a broken connection is tried again.
     *
     * @param attempts tries in a row that bring nothing
     * @param pause before the second try; doubles with each
     */
    record Retry(int attempts, Duration pause) {
        static final Retry STANDARD = new Retry(4, Duration.ofMillis(500));
    }

    private FileDownload(RemoteFile file, Path folder, Retry retry, Progress progress) {
        this.file = file;
        this.folder = folder;
        this.target = folder.resolve(file.name());
        this.part = folder.resolve(file.name() + ".part");
        this.tagFile = folder.resolve(file.name() + ".part.tag");
        this.retry = retry;
        this.progress = progress;
    }

    /**
     * Fetches a file into a folder, unless it is there already from an earlier try.
     *
     * @throws BrokenDownload if the connection stays broken; what has come is kept
     * @throws ModelException for everything that another try would not mend; the caller removes the folder
     */
    static void fetch(RemoteFile file, Path folder, Retry retry, Progress progress) {
        FileDownload download = new FileDownload(file, folder, retry, progress);
        if (!Files.exists(download.target)) {
            download.run();
        }
    }

    private void run() {
        try (FileChannel channel =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            takeUp(channel);
            receive(channel);
            channel.force(true);
        } catch (IOException e) {
            throw DiskFault.of(part, e);
        }
        verify();
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(tagFile);
        } catch (IOException e) {
            throw DiskFault.of(target, e);
        }
    }

    /** Reads what an earlier process has left, for the checksum. */
    private void takeUp(FileChannel channel) throws IOException {
        if (channel.size() == 0 || !Files.isRegularFile(tagFile) || Files.size(tagFile) > MAX_TAG) {
            restart(channel);
            return;
        }
        tag = Files.readString(tagFile);
        while (channel.read(buffer.clear()) >= 0) {
            digest.update(buffer.flip());
        }
        position = channel.size();
    }

    private void restart(FileChannel channel) throws IOException {
        if (channel.size() > 0) {
            channel.truncate(0);
        }
        digest = sha256();
        position = 0;
        tag = null;
    }

    private void receive(FileChannel channel) throws IOException {
        int failures = 0;
        while (true) {
            long before = position;
            IOException broken = attempt(channel);
            if (broken == null) {
                return;
            }
            failures = position > before ? 1 : failures + 1;
            if (failures >= retry.attempts() || Thread.currentThread().isInterrupted()) {
                throw new BrokenDownload(
                        "the connection broke while downloading "
                                + file.source().shown() + " (" + describe(broken) + ") after " + ByteCount.of(position),
                        broken);
            }
            pause(retry.pause().multipliedBy(1L << (failures - 1)));
        }
    }

    private static String describe(IOException broken) {
        return broken.getMessage() == null ? broken.getClass().getSimpleName() : broken.getMessage();
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * One connection.
     *
     * @return null when the file is whole, else what broke on the way here; a failing disk is thrown
     */
    private @Nullable IOException attempt(FileChannel channel) throws IOException {
        ByteSource.Opened opened;
        try {
            opened = tag == null ? file.source().open(0, null) : file.source().open(position, tag);
        } catch (IOException e) {
            return e;
        }
        try (InputStream stream = opened.stream()) {
            if (opened.offset() != position || opened.offset() == 0) {
                restart(channel);
            }
            remember(opened.tag());
            checkSize(opened.total());
            if (opened.total() > 0) {
                DiskFault.checkRoom(folder, opened.total() - position);
            }
            return copy(stream, channel, opened.total());
        }
    }

    private void remember(@Nullable String newTag) throws IOException {
        tag = newTag;
        if (newTag == null || newTag.length() > MAX_TAG) {
            Files.deleteIfExists(tagFile);
        } else {
            Files.writeString(tagFile, newTag);
        }
    }

    private @Nullable IOException copy(InputStream stream, FileChannel channel, long total) throws IOException {
        String what = "Downloading " + file.name();
        long expected = total >= 0 ? total : file.size();
        while (true) {
            progress.update(what, position, expected);
            int count;
            try {
                count = stream.read(buffer.array(), 0, BUFFER);
            } catch (IOException e) {
                return e;
            }
            if (count < 0 && position < total) {
                return new EOFException("it ended after " + position + " of " + total + " bytes");
            }
            if (count < 0) {
                checkSize(position);
                return null;
            }
            if (expected >= 0 && position + count > expected) {
                throw new ModelException(
                        file.source().shown() + " sends more than the " + expected + " bytes it announced");
            }
            digest.update(buffer.array(), 0, count);
            buffer.clear().limit(count);
            for (long at = position; buffer.hasRemaining(); ) {
                at += channel.write(buffer, at);
            }
            position += count;
        }
    }

    private void checkSize(long total) {
        if (file.size() >= 0 && total >= 0 && total != file.size()) {
            throw new ModelException(file.source().shown() + " has " + total + " bytes where " + file.size()
                    + " were expected; the file has changed at its source");
        }
    }

    private void verify() {
        String actual = HexFormat.of().formatHex(digest.digest());
        if (file.sha256() != null && !file.sha256().equals(actual)) {
            throw new ModelException("wrong checksum: " + file.source().shown() + " has SHA-256 " + actual + " where "
                    + file.sha256() + " was expected. It was changed on its way or at its source; it is not kept."
                    + " Try again, or check the reference.");
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
