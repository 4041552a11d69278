package ai.dialog.runner.cost;

import ai.dialog.runner.cost.PriceList.Price;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A month's bill.
 *
 * @param lines what it is made of
 * @param fixed dollars that are due without a request
 * @param perRequest dollars for each
 */
public record Estimate(List<Line> lines, double fixed, double perRequest) {

    /** A function has one GB: at less its share of a processor makes it slower than it is cheaper. */
    private static final double FUNCTION_GB = 1;

    /** An access log line, an audit line and the function's own, about 2 KB. */
    private static final double LOG_BYTES = 2_000;

    /** A streamed token is a server-sent event of some 250 bytes. */
    private static final double TOKEN_BYTES = 250;

    /** Of which a request of a key with limits takes one to reserve and one to settle. */
    private static final double WRITES = 2;

    private static final double MILLION = 1e6;
    private static final double GB = 1e9;

    /**
     * A position of the bill.
     *
     * @param quantity how many units
     * @param usd what they cost together
     * @param used whether it is for requests; else it is due without one
     */
    public record Line(String item, double quantity, String unit, double price, double usd, boolean used) {}

    /**
     * How a hosted API compares.
     *
     * @param hostedUsd what it would ask for this load
     * @param breakEvenTokens tokens a month, in this load's proportion of prompt and answer, from which on the deployment is
     *     cheaper; null where it never is, because a request costs more in the deployment than there
     */
    public record Comparison(
            String model, double hostedUsd, @Nullable Double breakEvenTokens) {}

    public Estimate {
        lines = List.copyOf(lines);
    }

    /** Dollars in all. */
    public double total() {
        return lines.stream().mapToDouble(Line::usd).sum();
    }

    /**
     * The bill of a deployment under a load.
     *
     * @throws IllegalArgumentException where a price is missing; the message names it
     */
    public static Estimate of(Deployment deployment, Load load, Map<String, Price> prices) {
        Bill bill = new Bill(prices);
        bill.used("Lambda, requests", "lambda-request", load.requests() / MILLION);
        bill.used("Lambda, time at 1 GB", "lambda-gb-second", load.requests() * load.seconds() * FUNCTION_GB / MILLION);
        bill.used("API Gateway", "gateway-request", load.requests() / MILLION);
        bill.used("DynamoDB, limits of keys", "table-write", load.requests() * WRITES / MILLION);
        bill.used("CloudWatch, logs", "log-gb", load.requests() * LOG_BYTES / GB);
        bill.used("Data out", "data-out-gb", (double) load.requests() * load.tokensOut() * TOKEN_BYTES / GB);
        containers(bill, deployment);
        Declared declared = deployment.declared();
        bill.fixed("Load balancer", "balancer-hour", declared.balancers() * Deployment.MONTH);
        bill.fixed("Load balancer, one unit", "balancer-lcu-hour", declared.balancers() * Deployment.MONTH);
        bill.fixed("VPC endpoints", "endpoint-hour", declared.endpoints() * Deployment.MONTH);
        bill.fixed("Secrets Manager, secrets", "secret-month", declared.secrets() + deployment.callers());
        bill.fixed("Secrets Manager, calls", "secret-call", Deployment.SECRET_CALLS / MILLION);
        bill.fixed("KMS", "key-month", declared.keys());
        bill.fixed("CloudWatch, metrics", "metric-month", deployment.metrics());
        bill.fixed("CloudWatch, alarms", "alarm-month", declared.alarms());
        bill.fixed("CloudWatch, dashboard", "dashboard-month", declared.dashboards());
        bill.fixed("S3, models", "s3-gb-month", Deployment.MODELS_GB);
        bill.fixed("ECR, images", "ecr-gb-month", Deployment.IMAGES_GB);
        if (declared.firewallRules() > 0) {
            bill.fixed("WAF", "firewall-month", 1);
            bill.fixed("WAF, rules", "firewall-rule-month", declared.firewallRules());
            bill.used("WAF, requests", "firewall-request", load.requests() / MILLION);
        }
        return bill.estimate(load.requests());
    }

    private static void containers(Bill bill, Deployment deployment) {
        double hours = deployment.hours() * deployment.containers();
        Declared declared = deployment.declared();
        String instance = declared.instance();
        if (instance == null) {
            bill.fixed(
                    "Fargate, %.0f vCPU".formatted(declared.fargateCpus()),
                    "fargate-vcpu-hour",
                    hours * declared.fargateCpus());
            bill.fixed(
                    "Fargate, %.0f GB".formatted(declared.fargateGb()),
                    "fargate-gb-hour",
                    hours * declared.fargateGb());
        } else {
            bill.fixed("EC2 " + instance, instance, hours);
            bill.fixed(
                    "EBS, %.0f GB".formatted(declared.diskGb()),
                    "ebs-gb-month",
                    declared.diskGb() * hours / Deployment.MONTH);
        }
    }

    /** Against each hosted API of a list. */
    public List<Comparison> against(List<PriceList.Hosted> hosted, Load load) {
        return hosted.stream().map(model -> comparison(model, load)).toList();
    }

    private Comparison comparison(PriceList.Hosted model, Load load) {
        double there = load.hosted(model);
        double saved = there / load.requests() - perRequest;
        Double tokens = saved > 0 ? (Double) (fixed / saved * (load.tokensIn() + load.tokensOut())) : null;
        return new Comparison(model.name(), there, tokens);
    }

    /** A bill being written. */
    private static final class Bill {
        private final Map<String, Price> prices;
        private final List<Line> lines = new ArrayList<>();

        Bill(Map<String, Price> prices) {
            this.prices = prices;
        }

        void used(String item, String price, double quantity) {
            add(item, price, quantity, true);
        }

        void fixed(String item, String price, double quantity) {
            add(item, price, quantity, false);
        }

        private void add(String item, String name, double quantity, boolean used) {
            Price price = prices.get(name);
            if (price == null) {
                throw new IllegalArgumentException("the list of prices has no '" + name + "' for this region");
            }
            lines.add(new Line(item, quantity, price.unit(), price.usd(), quantity * price.usd(), used));
        }

        Estimate estimate(long requests) {
            double used =
                    lines.stream().filter(Line::used).mapToDouble(Line::usd).sum();
            double fixed = lines.stream()
                    .filter(line -> !line.used())
                    .mapToDouble(Line::usd)
                    .sum();
            return new Estimate(lines, fixed, used / requests);
        }
    }
}
