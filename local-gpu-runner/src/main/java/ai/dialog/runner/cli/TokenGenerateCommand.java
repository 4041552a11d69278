package ai.dialog.runner.cli;

import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.openai.TokenRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code token generate}: a JSON Web Token from the running service. */
@Command(
        name = "generate",
        description = {
            "Asks the running service for an access token and prints the token and nothing else.",
            "A token stands in for its API key until it expires: Authorization: Bearer TOKEN. It can be narrower than its key,"
                    + " and is never wider."
        },
        mixinStandardHelpOptions = true)
final class TokenGenerateCommand implements Callable<Integer> {

    private static final Duration LONGEST = Duration.ofDays(7);

    @Option(names = "--api-key", required = true, paramLabel = "KEY", description = "The API key. Also: API_KEY.")
    @SuppressWarnings("NullAway.Init") // required: picocli sets it
    private String apiKey;

    @Option(
            names = "--expire-in",
            paramLabel = "TIME",
            defaultValue = "1d",
            converter = DurationText.class,
            description = "How long the token lives: 12h, 45m, or seconds; 7d at most. Default: 1d.")
    private Duration expireIn = Duration.ZERO;

    @Mixin
    private Narrowing narrowing = new Narrowing();

    @Option(
            names = "--url",
            paramLabel = "BASE",
            defaultValue = "http://127.0.0.1:18789",
            description = "The service. Default: http://127.0.0.1:18789.")
    private String url = "";

    @Mixin
    private CaOption ca = new CaOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (expireIn.isZero() || expireIn.compareTo(LONGEST) > 0) {
            throw new CliException(ExitCodes.USAGE, "--expire-in must be from 1 second to 7d");
        }
        narrowing.check();
        var models = narrowing.models();
        var cidrs = narrowing.cidrs();
        String token = new ServiceClient(url, apiKey, ca.trusted())
                .token(new TokenRequest(
                        expireIn.toSeconds(),
                        models == null ? null : List.copyOf(models),
                        narrowing.maxTokens(),
                        cidrs == null
                                ? null
                                : cidrs.stream().map(Cidr::toString).toList(),
                        narrowing.requestsPerMinute(),
                        narrowing.tokensPerMinute(),
                        narrowing.concurrent()));
        spec.commandLine().getOut().println(token);
        return ExitCodes.OK;
    }
}
