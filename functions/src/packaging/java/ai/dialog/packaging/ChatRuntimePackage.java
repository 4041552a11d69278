package ai.dialog.packaging;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes {@code chat-runtime.zip}, what AWS Lambda unpacks into {@code /var/task} for the streaming chat function: a
 * {@code bootstrap}, a Java runtime of only the modules it needs, its jars, and an AOT cache of a run that answered real chats.
 *
 * <p>The JVM refuses a cache where a jar's size or its time of change in seconds is not what it was. Every file therefore has
 * the one time of the build, in even seconds and UTC, which a zip keeps to the second in either of its two ways of writing it;
 * and the class path is relative, so that the folder may be any.
 */
final class ChatRuntimePackage {

    private static final String MAIN = "ai.dialog.functions.aws.runtime.ChatRuntime";
    private static final String CACHE = "chat.aot";

    /** What only other fronts, the managed runtime or nobody here needs. */
    private static final Pattern NOT_NEEDED = Pattern.compile("(spring-web-|spring-boot-(http-|restclient|starter)"
            + "|spring-cloud-function-adapter-aws|aws-lambda-java-|log4j-|jul-to-slf4j"
            + "|snakeyaml|error_prone_annotations).*");

    private final Path product;
    private final Path work;
    private final Path task;
    private final FileTime time;

    private ChatRuntimePackage(Path product, Path work, FileTime time) {
        this.product = product;
        this.work = work;
        this.task = work.resolve("task");
        this.time = time;
    }

    /**
     * Makes the package.
     *
     * @param args the folder of the product's classes; the folder to work in; the file to make; the time of the build (ISO 8601)
     */
    public static void main(String[] args) throws Exception {
        var made = new ChatRuntimePackage(
                Path.of(args[0]).toAbsolutePath(),
                Path.of(args[1]).toAbsolutePath(),
                FileTime.from(even(Instant.parse(args[3]))));
        made.make(Path.of(args[2]).toAbsolutePath());
    }

    /** A zip's own times have two seconds between them. */
    private static Instant even(Instant time) {
        return Instant.ofEpochSecond(time.getEpochSecond() / 2 * 2);
    }

    private void make(Path zip) throws IOException, InterruptedException {
        delete(work);
        Files.createDirectories(task.resolve("lib"));
        JavaRuntime.link(task.resolve("jre"), work);
        List<Path> libraries = libraries();
        copy(product, classes());
        PreparedContext.add(MAIN + "Application", classes(), libraries, Files.createDirectories(work.resolve("aot")));
        var own = task.resolve("lib/functions.jar");
        run(
                "jar",
                "--create",
                "--no-compress",
                "--file",
                own.toString(),
                "-C",
                classes().toString(),
                ".");
        options(Stream.concat(Stream.of(own), libraries.stream()).toList());
        bootstrap();
        sameTime();
        Training.run(task, CACHE, Files.createDirectories(work.resolve("training")));
        sameTime();
        new TaskZip(task, time).write(zip);
    }

    private List<Path> libraries() throws IOException {
        var copies = new ArrayList<Path>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String name = Path.of(entry).getFileName().toString();
            if (name.endsWith(".jar") && !NOT_NEEDED.matcher(name).matches()) {
                copies.add(StoredJar.copy(Path.of(entry), task.resolve("lib").resolve(name)));
            }
        }
        return copies;
    }

    private Path classes() {
        return work.resolve("classes");
    }

    /** One processor's part is what such a function has: the small collector, and the compiler that is quick. */
    private void options(List<Path> jars) throws IOException {
        Files.writeString(task.resolve("java.options"), """
                -XX:+UseSerialGC
                -XX:TieredStopAtLevel=1
                -XX:MaxRAMPercentage=50
                -Xms24m
                -Djava.awt.headless=true
                -Dspring.aot.enabled=true
                --sun-misc-unsafe-memory-access=allow
                -cp %s
                %s
                """.formatted(
                jars.stream().map(jar -> task.relativize(jar).toString()).collect(Collectors.joining(":")), MAIN));
    }

    private void bootstrap() throws IOException {
        var file = task.resolve("bootstrap");
        Files.writeString(file, """
                #!/bin/sh
                # AWS Lambda starts this; the Java process takes its place. A cache that the JVM refuses costs time and nothing else.
                cd "${LAMBDA_TASK_ROOT:-/var/task}" || exit 1
                exec jre/bin/java -XX:AOTCache=%s @java.options
                """.formatted(CACHE));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void sameTime() throws IOException {
        try (Stream<Path> files = Files.walk(task)) {
            for (Path file : files.collect(Collectors.toList())) {
                Files.setLastModifiedTime(file, time);
            }
        }
    }

    static void run(String tool, String... args) {
        int exitCode = ToolProvider.findFirst(tool)
                .orElseThrow(() -> new IllegalStateException("This Java has no " + tool + "; a JDK is needed"))
                .run(System.out, System.err, args);
        if (exitCode != 0) {
            throw new IllegalStateException(tool + " ended with " + exitCode);
        }
    }

    static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.collect(Collectors.toList())) {
                var copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).collect(Collectors.toList())) {
                    Files.delete(file);
                }
            }
        }
    }
}
