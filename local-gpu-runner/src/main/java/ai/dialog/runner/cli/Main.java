package ai.dialog.runner.cli;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.model.ModelException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line {@code ai-dialog-cli}. */
@Command(
        name = "ai-dialog-cli",
        description = {
            "A private, OpenAI-compatible chat service with the model inside.",
            "",
            "Start with: ai-dialog-cli serve"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Every option can also be given by an environment variable (--max-batch-size: AI_DIALOG_MAX_BATCH_SIZE; --api-key:"
                    + " API_KEY) or in a settings file (max-batch-size = 32): AI_DIALOG_CONFIG names it, else"
                    + " ./ai-dialog.properties or ~/.config/ai-dialog/ai-dialog.properties."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done",
            " 1:failed; the reason is the one line on standard error",
            " 2:wrong command line",
            " 3:the model cannot be found, fetched or read",
            " 4:the running service cannot be reached, or refused the call"
        })
public final class Main {

    /** In the order in which they are shown. */
    private static final List<Class<?>> COMMANDS = List.of(
            ServeCommand.class,
            ChatCommand.class,
            ModelCommand.class,
            KeysCommand.class,
            TokenCommand.class,
            HealthCommand.class,
            BenchCommand.class,
            CostCommand.class,
            RehearseCommand.class,
            CommandLine.HelpCommand.class);

    @Option(
            names = "--verbose",
            scope = CommandLine.ScopeType.INHERIT,
            description = "On a failure, print the whole stack trace.")
    private boolean verbose;

    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        // the log goes to standard error, so that standard output is only what was asked for
        Path home = Path.of(System.getProperty("user.home", "."));
        int code = commandLine(System.getenv(), home, arguments).execute(arguments);
        System.exit(code);
    }

    /**
     * The commands, with where their options' defaults come from.
     *
     * @param arguments what will be executed: where it begins with a command, only that one is made ready, which takes a tenth
     *     of the time; without any, all are
     */
    static CommandLine commandLine(Map<String, String> environment, Path home, String... arguments) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        wanted(arguments).forEach(line::addSubcommand);
        line.setDefaultValueProvider(new OptionDefaults(environment, home));
        line.setUsageHelpWidth(100);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((failure, given) -> {
            PrintWriter err = failure.getCommandLine().getErr();
            String command = failure.getCommandLine().getCommandSpec().qualifiedName();
            err.println(command + ": " + ErrorText.reason(failure) + " (see " + command + " --help)");
            return failure.getCause() instanceof CliException cause ? cause.exitCode() : ExitCodes.USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, result) -> main.report(failure, command));
        return line;
    }

    private static List<Class<?>> wanted(String... arguments) {
        List<Class<?>> named = COMMANDS.stream()
                .filter(command -> arguments.length > 0
                        && command != CommandLine.HelpCommand.class // which shows the others
                        && command.getAnnotation(Command.class).name().equals(arguments[0]))
                .toList();
        return named.isEmpty() ? COMMANDS : named;
    }

    private int report(Exception failure, CommandLine command) {
        if (verbose) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + ErrorText.reason(failure));
        return switch (failure) {
            case CliException known -> known.exitCode();
            case ModelException model -> ExitCodes.MODEL;
            case InferenceException inference -> ExitCodes.SERVICE;
            default -> ExitCodes.FAILED;
        };
    }
}
