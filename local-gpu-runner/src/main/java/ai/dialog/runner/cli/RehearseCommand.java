package ai.dialog.runner.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs commands once, their answers thrown away, so that the JVM can cache the classes that they load (JEP 514). The launcher runs
 * it after a build, and so does the image's build; nobody else needs it.
 */
@Command(name = "rehearse", hidden = true, description = "Runs commands once, for the cache of their classes.")
final class RehearseCommand implements Callable<Integer> {

    private static final List<List<String>> COMMANDS = List.of(
            List.of("--help"),
            List.of("--version"),
            List.of("serve", "--help"),
            List.of("model", "list"),
            List.of("model", "list", "--json"),
            List.of("keys", "list"),
            List.of("keys", "list", "--json"),
            List.of("keys", "doctor", "rehearsal"),
            List.of("token", "generate", "--api-key", "rehearsal", "--url", "http://127.0.0.1:1"));

    private static final PrintWriter NOWHERE = new PrintWriter(Writer.nullWriter());

    /** Of a service that nobody asks any more; where its model is still loading, nothing waits for it. */
    private static final Duration LONGEST_END = Duration.ofSeconds(60);

    @Parameters(arity = "0..1", hidden = true, description = "A model to describe as well.")
    private String model = "";

    @Option(names = "--service", hidden = true, description = "Serve the model for a few requests, and nothing else.")
    private boolean service;

    @Override
    public Integer call() throws InterruptedException {
        Path folder = scratch();
        try {
            Path settings = Files.createFile(folder.resolve("settings.properties"));
            // empty, and in the place of the user's: neither an address nor a file of theirs is for a rehearsal
            var environment = Map.of("AI_DIALOG_CONFIG", settings.toString());
            if (service) {
                serve(environment, folder);
            } else {
                COMMANDS.forEach(command -> run(environment, command, NOWHERE));
                if (!model.isEmpty()) {
                    run(environment, List.of("model", "info", model, "--json"), NOWHERE);
                }
            }
            return ExitCodes.OK;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    private void serve(Map<String, String> environment, Path state) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> serving = List.of(
                "serve",
                "--api-key",
                Rehearsal.KEY,
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--model",
                model,
                "--device",
                "cpu",
                "--state-dir",
                state.toString(),
                "--cache-dir",
                state.toString(),
                // written, for the classes that write it, and deleted with the folder
                "--audit-log",
                state.resolve("audit.log").toString());
        PrintWriter errors = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Thread served = Thread.ofPlatform().daemon().name("rehearsal").start(() -> run(environment, serving, errors));
        try {
            new Rehearsal(port).perform(() -> {
                if (!served.isAlive()) {
                    throw new CliException(ExitCodes.FAILED, "the rehearsed service ended by itself");
                }
                var health = List.of("health", "--port", Integer.toString(port));
                return run(environment, health, NOWHERE) == ExitCodes.OK;
            });
        } finally {
            // it ends in order, and this process with the rehearsal's exit code
            served.interrupt();
            served.join(LONGEST_END);
        }
    }

    private static int run(Map<String, String> environment, List<String> command, PrintWriter errors) {
        String[] arguments = command.toArray(String[]::new);
        CommandLine line = Main.commandLine(environment, Path.of(System.getProperty("user.home", ".")), arguments);
        line.setOut(NOWHERE).setErr(errors);
        return line.execute(arguments);
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("ai-dialog-rehearsal");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("the rehearsal leaves " + folder + " behind: " + ErrorText.reason(e));
        }
    }
}
