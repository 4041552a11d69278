package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    /** How a command ended and what it wrote, both streams together. */
    record Ended(int code, String output) {}

    /** Runs {@code docker} and gives its output; fails where it does. */
    static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return ok(command, Map.of());
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
        assertThat(ended.code()).as("%s: %s", command, ended.output()).isZero();
        return ended.output().strip();
    }

    /** Runs a command, however it ends. */
    static Ended tried(List<String> command, Map<String, String> environment) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(ROOT.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " did not end");
            }
            return new Ended(process.exitValue(), output);
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
}
