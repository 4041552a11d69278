package ai.dialog.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Links the Java runtime of the container's image, where it is not there yet: 'mvn clean' has it made again. */
final class ContainerRuntime {

    /**
     * What the libraries use on their ways that are taken: {@code java.desktop} for {@code java.beans} (Spring), {@code jdk.unsupported}
     * for Netty and Reactor, {@code jdk.management} for the container's memory.
     */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.compiler",
            "java.desktop",
            "java.instrument",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.scripting",
            "java.security.jgss",
            "java.sql",
            "java.xml",
            "jdk.crypto.ec",
            "jdk.jfr",
            "jdk.management",
            "jdk.net",
            "jdk.unsupported",
            "jdk.zipfs");

    private ContainerRuntime() {}

    /**
     * Makes the runtime.
     *
     * @param args the folder to make
     */
    public static void main(String[] args) throws IOException {
        link(Path.of(args[0]).toAbsolutePath(), MODULES);
    }

    static void link(Path runtime, List<String> modules) throws IOException {
        if (Files.exists(runtime.resolve("release"))) {
            return;
        }
        delete(runtime);
        // under another name until it is whole: jlink can be interrupted, and goes on with no folder that is there
        Path partial = runtime.resolveSibling(runtime.getFileName() + "-partial");
        delete(partial);
        int code = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException("This JDK has no jlink: install a whole one."))
                .run(
                        System.out,
                        System.err,
                        "--add-modules",
                        String.join(",", modules),
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        partial.toString());
        if (code != 0) {
            throw new IllegalStateException("jlink ended with exit code " + code + "; its reason is above.");
        }
        Files.move(partial, runtime);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
