package ai.dialog.runner.cli;

import picocli.CommandLine.Command;

/** {@code keys}: API keys and signing keys, where a service keeps them. */
@Command(
        name = "keys",
        description = {
            "Makes, lists, rotates and revokes API keys, and says why a key or token is refused.",
            "A running service sees a change of its folder within a second, and of its secret within a minute."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            KeysCreateCommand.class,
            KeysListCommand.class,
            KeysRotateCommand.class,
            KeysRevokeCommand.class,
            KeysPruneCommand.class,
            KeysDoctorCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class KeysCommand {}
