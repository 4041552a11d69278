package ai.dialog.packaging;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A Java runtime of the modules that the function needs, linked by jlink.
 *
 * <p>{@code java.desktop} is among them for {@code java.beans}, on which Spring is built. Of its windows, fonts and sounds, a
 * quarter of the runtime, what jlink can leave out is left out: it insists on one file in each package.
 */
final class JavaRuntime {

    /** What a run of the function needed; {@code jdk.crypto.ec} for a JDK that has the curves of TLS apart. */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.desktop",
            "java.instrument",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.security.jgss",
            "java.sql",
            "java.xml",
            "jdk.crypto.ec",
            "jdk.unsupported");

    /** {@code java.beans} and the types of {@code java.awt} that its signatures name. */
    private static final List<String> KEPT = List.of("java/", "com/sun/beans/");

    private JavaRuntime() {}

    /** Links it into a folder that is not there yet. */
    static void link(Path folder, Path scratch) throws IOException {
        Path leftOut = Files.write(scratch.resolve("left-out.txt"), leftOut());
        ChatRuntimePackage.run(
                "jlink",
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--exclude-resources=@" + leftOut,
                "--output",
                folder.toString());
        // native libraries of the same; nothing here draws
        for (String name : List.of(
                "awt",
                "awt_headless",
                "awt_xawt",
                "fontmanager",
                "freetype",
                "javajpeg",
                "jawt",
                "jsound",
                "lcms",
                "mlib_image",
                "splashscreen")) {
            Files.deleteIfExists(folder.resolve("lib/lib" + name + ".so"));
        }
    }

    private static List<String> leftOut() throws IOException {
        var patterns = new ArrayList<String>();
        Set<Path> packages = new HashSet<>();
        var module = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.desktop");
        try (Stream<Path> files = Files.walk(module)) {
            for (Path file : files.sorted().toList()) {
                String name = module.relativize(file).toString();
                boolean needed = KEPT.stream().anyMatch(name::startsWith) || name.equals("module-info.class");
                if (Files.isRegularFile(file) && !packages.add(file.getParent()) && !needed) {
                    patterns.add("/java.desktop/" + name);
                }
            }
        }
        return patterns;
    }
}
