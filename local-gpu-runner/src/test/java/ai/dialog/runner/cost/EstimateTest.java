package ai.dialog.runner.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.dialog.runner.cost.PriceList.Hosted;
import ai.dialog.runner.cost.PriceList.Price;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EstimateTest {

    private static final Offset<Double> CENT = within(0.005);
    private static final Load MILLION_CHATS = new Load(1_000_000, 600, 400, 5);

    @TempDir
    private Path folder;

    /** Each worked out by hand from the prices of us-east-1 in the shipped list. */
    @ParameterizedTest
    @CsvSource({
        // 1M requests at 0.20
        "'Lambda, requests', 0.20",
        // 1M x 5 s x 1 GB at 16.6667 for 1M
        "'Lambda, time at 1 GB', 83.33",
        "API Gateway, 3.50",
        // 2 writes each
        "'DynamoDB, limits of keys', 1.25",
        // 1M x 2,000 bytes are 2 GB
        "'CloudWatch, logs', 1.00",
        // 1M x 400 x 250 bytes are 100 GB
        "Data out, 9.00",
        // 730 x 0.8048
        "EC2 g6.xlarge, 587.50",
        // 120 x 0.08
        "'EBS, 120 GB', 9.60",
        // 730 x 0.0225 and 730 x 0.008
        "Load balancer, 16.43",
        "'Load balancer, one unit', 5.84",
        // 9 endpoints x 2 zones x 730 x 0.01
        "VPC endpoints, 131.40",
        "'Secrets Manager, secrets', 2.00",
        // 3 x 2 x 60 x 730 are 262,800 calls
        "'Secrets Manager, calls', 1.31",
        "KMS, 2.00",
        // 5 of the containers, 3 of the GPUs, and of the one instance 3 of its GPU and 7 of EC2
        "'CloudWatch, metrics', 5.40",
        // 9 of one metric, 2 of three, and 4 that scaling makes
        "'CloudWatch, alarms', 1.90",
        "'CloudWatch, dashboard', 3.00",
        "'S3, models', 0.69",
        "'ECR, images', 1.20",
        "WAF, 5.00",
        "'WAF, rules', 2.00",
        "'WAF, requests', 0.60"
    })
    void everyLineOfAProductionMonthIsWhatAHandWorksOut(String item, double usd) {
        Estimate bill = Estimate.of(Deployment.of("prod"), MILLION_CHATS, shipped());
        assertThat(bill.lines())
                .filteredOn(line -> line.item().equals(item))
                .singleElement()
                .satisfies(line -> assertThat(line.usd()).isEqualTo(usd, CENT));
    }

    @Test
    void theTotalIsTheSumOfWhatIsDueAnywayAndOfTheRequests() {
        Estimate bill = Estimate.of(Deployment.of("prod"), MILLION_CHATS, shipped());
        assertThat(bill.lines()).hasSize(22);
        assertThat(bill.perRequest() * 1e6).isEqualTo(0.20 + 83.3335 + 3.50 + 1.25 + 1.00 + 9.00 + 0.60, CENT);
        // 587.504 + 9.60 + 16.425 + 5.84 + 131.40 + 2 + 1.314 + 2 + 5.40 + 1.90 + 3 + 0.69 + 1.20 + 5 + 2
        assertThat(bill.fixed()).isEqualTo(775.273, CENT);
        assertThat(bill.total()).isEqualTo(bill.fixed() + bill.perRequest() * 1e6, CENT);
    }

    @Test
    void aDevelopmentMonthPaysForTheHoursThatItsContainerRuns() {
        Estimate bill = Estimate.of(Deployment.of("dev"), MILLION_CHATS, shipped());
        assertThat(usd(bill, "Fargate, 4 vCPU")).isEqualTo(220 * 4 * 0.04048, CENT);
        assertThat(usd(bill, "Fargate, 16 GB")).isEqualTo(220 * 16 * 0.004445, CENT);
        assertThat(usd(bill, "VPC endpoints")).isEqualTo(43.80, CENT);
        assertThat(bill.lines()).extracting(Estimate.Line::item).noneMatch(item -> item.startsWith("EC2"));
    }

    @Test
    void twoInstancesForHalfTheTimeCostWhatOneCostsAllTheTime() {
        var usual = Deployment.of("prod");
        var two = usual.with(365, 2, null);
        assertThat(Estimate.of(two, MILLION_CHATS, shipped()).total())
                .isEqualTo(Estimate.of(usual, MILLION_CHATS, shipped()).total(), CENT);
    }

    @Test
    void theBreakEvenIsWhereBothBillsAreTheSame() {
        // 775.273 a month and 98.8835 for a million requests here; 600 x 1 + 400 x 4 are 2,200 for a million there
        Estimate bill = Estimate.of(Deployment.of("prod"), MILLION_CHATS, shipped());
        var there = bill.against(List.of(new Hosted("x", 1, 4, "a test")), MILLION_CHATS)
                .getFirst();
        assertThat(there.hostedUsd()).isEqualTo(2200, CENT);
        double requests = 775.273 / (2200 - 98.8835) * 1e6;
        assertThat(there.breakEvenTokens()).isEqualTo(requests * 1000, within(1e4));
        var load = new Load(Math.round(requests), 600, 400, 5);
        assertThat(Estimate.of(Deployment.of("prod"), load, shipped()).total())
                .isEqualTo(load.hosted(new Hosted("x", 1, 4, "a test")), within(0.01));
    }

    @Test
    void whereARequestCostsMoreHereThanThereTheBreakEvenIsNever() {
        Estimate bill = Estimate.of(Deployment.of("prod"), MILLION_CHATS, shipped());
        assertThat(bill.against(List.of(new Hosted("x", 0.05, 0.1, "a test")), MILLION_CHATS))
                .singleElement()
                .extracting(Estimate.Comparison::breakEvenTokens)
                .isNull();
    }

    @Test
    void everyPriceOfTheShippedListIsDatedAndHasASource() {
        PriceList list = PriceList.shipped();
        assertThat(list.date()).matches("20\\d\\d-\\d\\d-\\d\\d");
        assertThat(list.note()).contains("Check them");
        assertThat(list.regions().keySet()).containsExactlyInAnyOrder("us-east-1", "eu-central-1");
        list.regions()
                .keySet()
                .forEach(region -> Estimate.of(Deployment.of("prod"), MILLION_CHATS, list.region(region)));
        assertThat(list.hosted()).hasSizeGreaterThan(3);
    }

    @Test
    void aPriceThatIsMissingIsNamed() {
        Map<String, Price> prices = new HashMap<>(shipped());
        prices.remove("log-gb");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Estimate.of(Deployment.of("prod"), MILLION_CHATS, prices))
                .withMessageContaining("log-gb");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"date\": \"2026-01-01\"}",
                "{\"regions\": {\"x\": {}}}",
                "{\"date\": \"d\", \"regions\": {\"x\": {\"p\": {\"usd\": -1, \"unit\": \"h\", \"source\": \"s\"}}}}",
                "{\"date\": \"d\", \"regions\": {\"x\": {\"p\": {\"usd\": 1e300, \"unit\": \"h\", \"source\": \"s\"}}}}",
                "{\"date\": \"d\", \"regions\": {\"x\": {\"p\": {\"usd\": \"1\", \"unit\": \"h\", \"source\": \"s\"}}}}",
                "{\"date\": \"d\", \"regions\": {\"x\": {\"p\": {\"usd\": 1, \"unit\": \"h\"}}}}",
                "{\"date\": \"d\", \"regions\": {\"x\": {}}, \"hosted\": [{\"name\": \"m\", \"input\": 1}]}"
            })
    void aListThatIsNoneIsRefused(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("prices.json"), json);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceList.of(file))
                .withMessageStartingWith(file.toString());
    }

    private static double usd(Estimate bill, String item) {
        return bill.lines().stream()
                .filter(line -> line.item().equals(item))
                .mapToDouble(Estimate.Line::usd)
                .sum();
    }

    private static Map<String, Price> shipped() {
        return PriceList.shipped().region("us-east-1");
    }
}
