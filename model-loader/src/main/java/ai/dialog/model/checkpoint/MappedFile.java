package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of any size, mapped read-only until closed. */
final class MappedFile implements AutoCloseable {

    private final Path path;
    private final Arena arena;
    private final MemorySegment segment;

    private MappedFile(Path path, Arena arena, MemorySegment segment) {
        this.path = path;
        this.arena = arena;
        this.segment = segment;
    }

    /**
     * Maps a file.
     *
     * @throws ModelException if it is absent, unreadable or no regular file
     */
    @SuppressWarnings("MustBeClosedChecker") // the arena belongs to the result, which closes it
    static MappedFile open(Path path) {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw PathReport.notFound(path);
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedFile(path, arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (IOException e) {
            arena.close();
            throw new ModelException("Model file " + path + " cannot be opened: " + e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return segment.byteSize();
    }

    MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
