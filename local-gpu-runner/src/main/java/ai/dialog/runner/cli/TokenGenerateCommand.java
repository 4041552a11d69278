package ai.dialog.runner.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code token generate}: a JSON Web Token from the running service. */
@Command(
        name = "generate",
        description = {
            "Asks the running service for an access token and prints the token and nothing else.",
            "A token stands in for its API key until it expires: Authorization: Bearer TOKEN."
        },
        mixinStandardHelpOptions = true)
final class TokenGenerateCommand implements Callable<Integer> {

    @Option(names = "--api-key", required = true, paramLabel = "KEY", description = "The API key. Also: API_KEY.")
    @SuppressWarnings("NullAway.Init") // required: picocli sets it
    private String apiKey;

    @Option(
            names = "--expire-in",
            paramLabel = "SECONDS",
            defaultValue = "86400",
            description = "How long the token lives, 1 to 604800 seconds. Default: 86400, a day.")
    private int expireIn;

    @Option(
            names = "--url",
            paramLabel = "BASE",
            defaultValue = "http://127.0.0.1:18789",
            description = "The service. Default: http://127.0.0.1:18789.")
    private String url = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Bounds.check("--expire-in", expireIn, 1, 604_800);
        String token = new ServiceClient(url, apiKey).token(expireIn);
        spec.commandLine().getOut().println(token);
        return ExitCodes.OK;
    }
}
