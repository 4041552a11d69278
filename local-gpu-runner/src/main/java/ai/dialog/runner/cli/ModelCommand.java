package ai.dialog.runner.cli;

import picocli.CommandLine.Command;

/** {@code model}: the models on this machine. */
@Command(
        name = "model",
        description = "Fetches, lists, describes and scores with models.",
        mixinStandardHelpOptions = true,
        subcommands = {ModelPullCommand.class, ModelListCommand.class, ModelInfoCommand.class, ModelScoreCommand.class},
        synopsisSubcommandLabel = "COMMAND")
final class ModelCommand {}
