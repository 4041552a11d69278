package ai.dialog.runner.cli;

import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.access.Usd;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys create}: a new API key. */
@Command(
        name = "create",
        description = {
            "Makes an API key and prints it, this once: only its hash is kept. Standard output has the key and nothing else.",
            "A key may do everything unless it is told otherwise here."
        },
        mixinStandardHelpOptions = true)
final class KeysCreateCommand implements Callable<Integer> {

    @Option(names = "--owner", required = true, paramLabel = "NAME", description = "Whom it is for.")
    @SuppressWarnings("NullAway.Init") // required: picocli sets it
    private String owner;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            description = "What shares caches: never two tenants. Default: the owner.")
    private @Nullable String tenant;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            split = ",",
            description =
                    "inference (to generate text), tokens (to make tokens), metrics (to read /metrics). Default: inference,tokens.")
    private @Nullable Set<String> scopes;

    @Option(
            names = "--expire-in",
            paramLabel = "TIME",
            defaultValue = "90d",
            converter = DurationText.class,
            description = "How long it lives: 30d, 12h, or seconds. Default: 90d.")
    private Duration expireIn = Duration.ZERO;

    @Mixin
    private Narrowing narrowing = new Narrowing();

    @Option(names = "--daily-budget", paramLabel = "USD", description = "What all requests of a day (UTC) may cost.")
    private @Nullable BigDecimal dailyBudget;

    @Option(
            names = "--monthly-budget",
            paramLabel = "USD",
            description = "What all requests of a month (UTC) may cost.")
    private @Nullable BigDecimal monthlyBudget;

    @Option(names = "--json", description = "Print a JSON object with the key and its record.")
    private boolean json;

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        KeySpec wanted = wanted();
        NewKey made = place.with(registry -> new KeyLifecycle(registry, InstantSource.system()).create(wanted));
        var console = spec.commandLine();
        if (json) {
            console.getOut().println(Json.line(KeyView.of(made.key(), made.secret(), Instant.now())));
        } else {
            console.getErr()
                    .println("key %s of %s, good until %s; its text is shown this once:"
                            .formatted(
                                    made.key().id(),
                                    made.key().owner(),
                                    KeyView.second(made.key().expires())));
            console.getErr().flush();
            console.getOut().println(made.secret());
        }
        return ExitCodes.OK;
    }

    private KeySpec wanted() {
        narrowing.check();
        try {
            return new KeySpec(
                    owner,
                    tenant == null ? KeySpec.tenantOf(owner) : tenant,
                    Objects.requireNonNullElse(scopes, Scope.ALL),
                    expireIn,
                    new Restrictions(narrowing.models(), narrowing.maxTokens(), narrowing.cidrs()),
                    new Limits(
                            narrowing.requestsPerMinute(),
                            narrowing.tokensPerMinute(),
                            narrowing.concurrent(),
                            dailyBudget == null ? null : Usd.of(dailyBudget),
                            monthlyBudget == null ? null : Usd.of(monthlyBudget)));
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, ErrorText.reason(e));
        }
    }
}
