package ai.dialog.runner.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Runs the short commands once, their answers thrown away, so that the JVM can cache the classes that they load. The
 * launcher runs it after a build; nobody else needs it.
 */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Runs the short commands once, for the cache of their classes.")
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

    @Override
    public Integer call() {
        run(COMMANDS);
        if (!model.isEmpty()) {
            run(List.of(List.of("model", "info", model, "--json")));
        }
        return ExitCodes.OK;
    }

    private static void run(List<List<String>> commands) {
        for (List<String> command : commands) {
            CommandLine line = Main.commandLine(Map.of(), Path.of(System.getProperty("user.home", ".")));
            line.setOut(new PrintWriter(Writer.nullWriter())).setErr(new PrintWriter(Writer.nullWriter()));
            line.execute(command.toArray(String[]::new));
        }
    }
}
