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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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

    @Parameters(arity = "0..1", hidden = true, description = "A model to describe as well.")
    private String model = "";

    @Option(names = "--service", hidden = true, description = "Serve the model for a few requests, and nothing else.")
    private boolean service;

    @Override
    public Integer call() throws InterruptedException {
        if (service) {
            serve();
            return ExitCodes.OK;
        }
        COMMANDS.forEach(RehearseCommand::run);
        if (!model.isEmpty()) {
            run(List.of("model", "info", model, "--json"));
        }
        return ExitCodes.OK;
    }

    private void serve() throws InterruptedException {
        Path state;
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
            state = Files.createTempDirectory("ai-dialog-rehearsal");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> serving = List.of(
                "serve",
                "--api-key",
                Rehearsal.KEY,
                "--port",
                Integer.toString(port),
                "--model",
                model,
                "--device",
                "cpu",
                "--state-dir",
                state.toString(),
                "--cache-dir",
                state.toString());
        PrintWriter errors = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Thread served = Thread.ofPlatform().daemon().name("rehearsal").start(() -> run(serving, errors));
        new Rehearsal(port).perform(() -> {
            if (!served.isAlive()) {
                throw new CliException(ExitCodes.FAILED, "the rehearsed service ended by itself");
            }
            return run(List.of("health", "--port", Integer.toString(port))) == ExitCodes.OK;
        });
    }

    private static int run(List<String> command) {
        return run(command, new PrintWriter(Writer.nullWriter()));
    }

    private static int run(List<String> command, PrintWriter errors) {
        CommandLine line = Main.commandLine(Map.of(), Path.of(System.getProperty("user.home", ".")));
        line.setOut(new PrintWriter(Writer.nullWriter())).setErr(errors);
        return line.execute(command.toArray(String[]::new));
    }
}
