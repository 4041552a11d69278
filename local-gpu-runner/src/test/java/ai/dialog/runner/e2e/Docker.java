package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command lines of Docker and Compose. */
final class Docker {

    /** The repository's root: tests run in their module's folder. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final int MINUTES = 8;

    private Docker() {}

    /** How a command ended and what it wrote to its two streams. */
    record Ended(int code, String output, String errors) {}

    /** Runs {@code docker} and gives its output; fails where it does. */
    static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return ok(command, Map.of());
    }

    /** What a container has written to both of its streams. */
    static String logs(String container) {
        Ended ended = tried(List.of("docker", "logs", container), Map.of());
        return ended.output() + ended.errors();
    }

    /** Runs Compose on the repository's file: the plugin where it is installed, else the older program. */
    static String compose(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(
                tried(List.of("docker", "compose", "version"), Map.of()).code() == 0
                        ? List.of("docker", "compose")
                        : List.of("docker-compose"));
        command.addAll(List.of("-f", ROOT.resolve("compose.yaml").toString()));
        command.addAll(List.of(arguments));
        return ok(command, environment);
    }

    private static String ok(List<String> command, Map<String, String> environment) {
        Ended ended = tried(command, environment);
        assertThat(ended.code())
                .as("%s: %s%s", command, ended.output(), ended.errors())
                .isZero();
        return ended.output().strip();
    }

    /** Runs a command, however it ends. */
    static Ended tried(List<String> command, Map<String, String> environment) {
        try {
            // files, which take all that is written while only the time is waited for
            Path output = Files.createTempFile("ai-dialog-it", ".out");
            Path errors = Files.createTempFile("ai-dialog-it", ".err");
            try {
                return ended(command, environment, output, errors);
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "%s cannot be run: this test needs Docker and Compose (apt install docker.io docker-compose)"
                            .formatted(command.getFirst()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Ended ended(List<String> command, Map<String, String> environment, Path output, Path errors)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(ROOT.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        boolean inTime = process.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!inTime) {
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        String complained = Files.readString(errors);
        if (!inTime) {
            throw new IllegalStateException(
                    "%s did not end within %d minutes: %s%s".formatted(command, MINUTES, said, complained));
        }
        return new Ended(process.exitValue(), said, complained);
    }
}
