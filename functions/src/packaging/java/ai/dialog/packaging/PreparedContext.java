package ai.dialog.packaging;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Spring's context prepared ahead of time: code that registers the beans, generated once here in place of reading annotations at
 * each start.
 *
 * <p>This is what {@code process-aot} of Spring Boot's Maven plugin does. The plugin compiles what it generated with the Java
 * that runs Maven, which may be older than the product's, and puts it among the product's own classes; so its two steps are
 * done here.
 */
final class PreparedContext {

    private static final String PROCESSOR = "org.springframework.boot.SpringApplicationAotProcessor";

    private PreparedContext() {}

    /**
     * Adds to a folder of classes.
     *
     * @param application the class whose {@code main} starts the context
     * @param libraries the ones that are there when the context starts, and no others: what it consists of depends on them
     * @param work an empty folder
     */
    static void add(String application, Path classes, List<Path> libraries, Path work)
            throws IOException, InterruptedException {
        // the processor empties each of them first
        var sources = work.resolve("sources");
        var resources = work.resolve("resources");
        var bytecode = work.resolve("bytecode");
        String classPath = Stream.concat(Stream.of(classes), libraries.stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        PROCESSOR,
                        application,
                        sources.toString(),
                        resources.toString(),
                        bytecode.toString(),
                        "ai.dialog",
                        "functions")
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("Spring's context could not be prepared ahead of time");
        }
        ChatRuntimePackage.copy(resources, classes);
        ChatRuntimePackage.copy(bytecode, classes);
        var arguments = new ArrayList<>(
                List.of("-parameters", "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", classPath));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
        }
        ChatRuntimePackage.run("javac", arguments.toArray(String[]::new));
    }
}
