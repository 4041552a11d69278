package ai.dialog.runner.cli;

import ai.dialog.runner.cost.Deployment;
import ai.dialog.runner.cost.Estimate;
import ai.dialog.runner.cost.Load;
import ai.dialog.runner.cost.PriceList;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cost}: what the cloud deployment costs in a month, and when hosted APIs are cheaper. */
@Command(
        name = "cost",
        description = {
            "Computes a month's bill of the cloud deployment from list prices and a load, and the number of tokens from",
            "which on it is cheaper than hosted APIs. Asks nobody: the prices are a dated file, to be checked; free tiers,",
            "discounts and tax are left out."
        },
        mixinStandardHelpOptions = true)
final class CostCommand implements Callable<Integer> {

    @Option(names = "--stage", paramLabel = "NAME", description = "dev (Fargate) or prod (GPU). Default: prod.")
    private String stage = "prod";

    @Option(names = "--region", paramLabel = "NAME", description = "One of the price list. Default: us-east-1.")
    private String region = "us-east-1";

    @Option(names = "--requests", paramLabel = "N", description = "Chats in a month. Default: 100000.")
    private int requests = 100_000;

    @Option(names = "--tokens-in", paramLabel = "N", description = "Tokens of a prompt. Default: 500.")
    private int tokensIn = 500;

    @Option(names = "--tokens-out", paramLabel = "N", description = "Tokens of an answer. Default: 250.")
    private int tokensOut = 250;

    @Option(names = "--seconds", paramLabel = "N", description = "How long an answer streams. Default: 5.")
    private int seconds = 5;

    @Option(
            names = "--hours",
            paramLabel = "N",
            description = "Hours in a month that a container runs. Default: 220 for dev (working hours), 730 for prod.")
    private @Nullable Integer hours;

    @Option(names = "--containers", paramLabel = "N", description = "How many run in these hours. Default: 1.")
    private @Nullable Integer containers;

    @Option(names = "--instance", paramLabel = "TYPE", description = "EC2 instance for prod. Default: g6.xlarge.")
    private @Nullable String instance;

    @Option(names = "--callers", paramLabel = "N", description = "Callers with a key of their own. Default: 1.")
    private @Nullable Integer callers;

    @Option(
            names = "--prices",
            paramLabel = "FILE",
            description = "Your own price list, in the form of the shipped one.")
    private @Nullable Path prices;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Bounds.check("--requests", requests, 1, 1_000_000_000);
        Bounds.check("--tokens-in", tokensIn, 1, 1_000_000);
        Bounds.check("--tokens-out", tokensOut, 1, 1_000_000);
        Bounds.check("--seconds", seconds, 1, 900);
        Bounds.check("--hours", hours, 0, 744);
        Bounds.check("--containers", containers, 1, 1000);
        Bounds.check("--callers", callers, 0, 1000);
        try {
            PriceList list = prices == null ? PriceList.shipped() : PriceList.of(prices);
            Deployment deployment = deployment(Deployment.of(stage));
            Load load = new Load(requests, tokensIn, tokensOut, seconds);
            CostView view =
                    new CostView(list, region, deployment, load, Estimate.of(deployment, load, list.region(region)));
            spec.commandLine().getOut().println(json ? Json.line(view.json()) : view.table());
        } catch (IllegalArgumentException wrong) {
            throw new CliException(ExitCodes.USAGE, String.valueOf(wrong.getMessage()));
        }
        return ExitCodes.OK;
    }

    private Deployment deployment(Deployment usual) {
        if (instance != null && usual.declared().instance() == null) {
            throw new CliException(ExitCodes.USAGE, "--instance is for the stage prod; dev runs on Fargate");
        }
        return (instance == null ? usual : usual.on(instance)).with(hours, containers, callers);
    }
}
