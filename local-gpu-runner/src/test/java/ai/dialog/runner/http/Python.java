package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A virtual environment of its own under {@code target}, with pinned packages: the clients and tools that are Python's. */
public final class Python {

    private final Path folder;

    /**
     * Makes the environment where it is not there yet.
     *
     * @param packages each with its version
     */
    public Python(String name, String... packages) throws IOException, InterruptedException {
        folder = Path.of("target", name).toAbsolutePath();
        var done = folder.resolve("installed");
        var wanted = String.join("\n", packages);
        if (Files.exists(done) && Files.readString(done).equals(wanted)) {
            return;
        }
        run(List.of("python3", "-m", "venv", folder.toString()), Map.of());
        var install = new ArrayList<>(List.of(program("python"), "-m", "pip", "install", "-q"));
        install.addAll(List.of(packages));
        run(install, Map.of());
        Files.writeString(done, wanted);
    }

    /** A program of the environment. */
    public String program(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }

    /** Runs a file of {@code src/test/python}, which must end well; its output. */
    public String run(String file, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(
                List.of(program("python"), Path.of("src/test/python", file).toString()));
        command.addAll(List.of(arguments));
        return run(command, Map.of());
    }

    /** Runs a command, which must end well; its output. */
    public static String run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        var output = CompletableFuture.supplyAsync(() -> read(process));
        boolean ended = process.waitFor(2, TimeUnit.HOURS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended ? process.exitValue() : -1)
                .as("%s: %s", command, output.join())
                .isZero();
        return output.join();
    }

    private static String read(Process process) {
        try (var in = process.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
