package ai.dialog.model.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** What several tests of sources need. */
final class Sources {

    private Sources() {}

    /** Quick to give up, and reaching only what is given. */
    static SourceSettings settings(
            String hub, @Nullable String token, @Nullable String s3, List<List<String>> pip, Duration stall) {
        return new SourceSettings(
                HttpSource::client, hub, token, s3, pip, new FileDownload.Retry(2, Duration.ofMillis(10)), stall);
    }

    static SourceSettings settings() {
        return settings("http://127.0.0.1:1", null, null, List.of(), Duration.ofSeconds(10));
    }

    static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(3).nextBytes(content);
        return content;
    }

    static String sha256(byte[] content) {
        return HexFormat.of().formatHex(FileDownload.sha256().digest(content));
    }

    /** Everything below a folder but the lock files, as relative paths. */
    static List<String> tree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> folder.relativize(file).toString())
                    .filter(file -> !file.isEmpty() && !file.startsWith(".locks"))
                    .sorted()
                    .toList();
        }
    }

    /** A program that stands for pip: it puts a wheel with the entries where {@code -d} says. */
    static List<String> fakePip(Path folder, String... entries) throws IOException {
        Path wheel = folder.resolve("fake.whl");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry(entries[i]));
                zip.write(entries[i + 1].getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return script(folder, "pip", """
                echo "$@" >> %1$s/calls
                while [ "$1" != "-d" ]; do shift; done
                cp %1$s/fake.whl "$2/pack-1.0-py3-none-any.whl"
                """.formatted(folder));
    }

    /** A shell script as a command. */
    static List<String> script(Path folder, String name, String text) throws IOException {
        Path script = folder.resolve(name + ".sh");
        Files.writeString(script, text);
        return List.of("/bin/sh", script.toString());
    }
}
