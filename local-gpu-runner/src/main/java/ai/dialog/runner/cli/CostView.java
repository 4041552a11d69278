package ai.dialog.runner.cli;

import ai.dialog.runner.cost.Deployment;
import ai.dialog.runner.cost.Estimate;
import ai.dialog.runner.cost.Load;
import ai.dialog.runner.cost.PriceList;
import java.util.Formatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A bill as {@code cost} prints it. */
record CostView(PriceList list, String region, Deployment deployment, Load load, Estimate estimate) {

    private static final double MILLION = 1e6;

    String table() {
        Formatter text = new Formatter(Locale.ROOT);
        text.format(
                "%s in %s, list prices of %s, %,d requests of %,d + %,d tokens%n",
                deployment.stage(), region, list.date(), load.requests(), load.tokensIn(), load.tokensOut());
        text.format("%n");
        text.format("%-26s %14s %-12s %12s%n", "item", "quantity", "unit", "USD a month");
        for (Estimate.Line item : estimate.lines()) {
            text.format("%-26s %,14.3f %-12s %,12.2f%n", item.item(), item.quantity(), item.unit(), item.usd());
        }
        text.format("%-26s %14s %-12s %,12.2f%n", "total", "", "", estimate.total());
        text.format(
                "due without a request: %,.2f; for 1,000 requests: %,.4f; for 1M tokens, all in: %,.2f%n",
                estimate.fixed(), estimate.perRequest() * 1000, estimate.total() / load.tokens() * MILLION);
        text.format("%n");
        text.format("%-26s %14s %26s%n", "hosted API", "USD, same load", "cheaper here from (tokens)");
        for (Estimate.Comparison other : estimate.against(list.hosted(), load)) {
            Double tokens = other.breakEvenTokens();
            text.format(
                    "%-26s %,14.2f %26s%n",
                    other.model(),
                    other.hostedUsd(),
                    tokens == null ? "never" : "%,.0fM a month".formatted(Math.ceil(tokens / MILLION)));
        }
        return text.toString().lines().map(String::stripTrailing).collect(Collectors.joining(System.lineSeparator()));
    }

    Map<String, Object> json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("prices", list.date());
        all.put("region", region);
        all.put("deployment", deployment);
        all.put("load", load);
        all.put("lines", estimate.lines());
        all.put("fixed", estimate.fixed());
        all.put("per_request", estimate.perRequest());
        all.put("total", estimate.total());
        all.put("hosted", estimate.against(list.hosted(), load));
        return all;
    }
}
