package ai.dialog.runner.cli;

import ai.dialog.functions.limits.MeterSettings;
import ai.dialog.functions.limits.Prices;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What the models cost, for keys that have a budget. */
final class PriceOptions {

    @Option(
            names = "--price",
            paramLabel = "MODEL=IN/OUT",
            description = {
                "What a model costs, in dollars for a million tokens of input and output: org/model=0.10/0.40, or",
                "org/model=0.10/0.02/0.40 with cached input between them; * for every other model. May be given more than",
                "once. A key with a budget is refused for a model without a price."
            })
    private List<String> prices = new ArrayList<>();

    MeterSettings metering() {
        try {
            return new MeterSettings(Prices.parse(prices), MeterSettings.DEFAULT_UNASKED_TOKENS);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, "--price: " + e.getMessage());
        }
    }
}
