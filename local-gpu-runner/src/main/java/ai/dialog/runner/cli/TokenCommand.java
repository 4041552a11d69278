package ai.dialog.runner.cli;

import picocli.CommandLine.Command;

/** {@code token}: access tokens. */
@Command(
        name = "token",
        description = "Makes access tokens.",
        mixinStandardHelpOptions = true,
        subcommands = TokenGenerateCommand.class,
        synopsisSubcommandLabel = "COMMAND")
final class TokenCommand {}
