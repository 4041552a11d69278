package ai.dialog.packaging;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder as a zip that keeps modes and gives every file one time: which {@code java.util.zip} alone cannot. */
final class TaskZip {

    private final Path folder;
    private final FileTime time;

    TaskZip(Path folder, FileTime time) {
        this.folder = folder;
        this.time = time;
    }

    /** Writes the zip, in the place of one that may be there. */
    void write(Path zip) throws IOException {
        Files.deleteIfExists(zip);
        // a zip's older time has no zone; who reads it takes it for that of its own machine, which on Lambda is UTC
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        try (FileSystem target = FileSystems.newFileSystem(
                URI.create("jar:" + zip.toUri()), Map.of("create", "true", "enablePosixFileAttributes", "true"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted().collect(Collectors.toList())) {
                    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        add(file, target.getPath("/" + folder.relativize(file)));
                    } else if (Files.isSymbolicLink(file)) {
                        // a runtime's licence files may be links to others
                        add(file.toRealPath(), target.getPath("/" + folder.relativize(file)));
                    }
                }
            }
        }
    }

    private void add(Path file, Path entry) throws IOException {
        Files.createDirectories(entry.getParent());
        Files.copy(file, entry);
        Files.setPosixFilePermissions(entry, Files.getPosixFilePermissions(file));
        Files.setLastModifiedTime(entry, time);
    }
}
