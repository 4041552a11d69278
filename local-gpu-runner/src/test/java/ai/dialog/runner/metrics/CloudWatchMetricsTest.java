package ai.dialog.runner.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lines for CloudWatch, by a clock of the test's. */
class CloudWatchMetricsTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final ServiceMetrics metrics = new ServiceMetrics();
    private final FakeLoad load = new FakeLoad();
    private final List<String> lines = new ArrayList<>();
    private final CloudWatchMetrics written =
            new CloudWatchMetrics(new CloudWatchMetrics.Settings("AiDialog", "prod"), metrics, () -> NOW, lines::add);

    @Test
    void aMinuteOfSamplesIsOneLineOfTheEmbeddedMetricFormat() {
        var timed = metrics.timing(load);
        metrics.modelLoaded(Duration.ofSeconds(2), FakeLoad::figures);
        timed.complete(FakeLoad.request()).blockLast();
        load.active = 16;
        load.queued = 3;

        IntStream.range(0, 11).forEach(i -> written.sample());
        assertThat(lines).isEmpty();
        written.sample();

        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).doesNotContain("\n");
        JsonNode line = line(0);
        JsonNode declared = line.at("/_aws/CloudWatchMetrics/0");
        assertThat(line.at("/_aws/Timestamp").longValue()).isEqualTo(NOW.toEpochMilli());
        assertThat(declared.at("/Namespace").stringValue()).isEqualTo("AiDialog");
        assertThat(declared.at("/Dimensions").toString()).isEqualTo("[[\"Stage\"]]");
        assertThat(units(declared))
                .containsExactly(
                        "ConcurrencyUtilization Percent",
                        "QueuedRequests Count",
                        "FirstTokenLatency Milliseconds",
                        "ModelLoadSuccess Count",
                        "MemoryUtilization Percent");
        assertThat(line.at("/Stage").stringValue()).isEqualTo("prod");
        assertThat(line.at("/ConcurrencyUtilization")).hasSize(12).allMatch(value -> value.doubleValue() == 50);
        assertThat(line.at("/QueuedRequests")).hasSize(12).allMatch(value -> value.intValue() == 3);
        assertThat(line.at("/FirstTokenLatency")).hasSize(1);
        assertThat(line.at("/ModelLoadSuccess").intValue()).isEqualTo(1);
        assertThat(line.at("/MemoryUtilization").doubleValue()).isBetween(0.0, 100.0);
    }

    @Test
    void everyMinuteBeginsAnew() {
        metrics.timing(load).complete(FakeLoad.request()).blockLast();
        IntStream.range(0, 24).forEach(i -> written.sample());

        assertThat(lines).hasSize(2);
        assertThat(line(0).has("FirstTokenLatency")).isTrue();
        assertThat(line(1).has("FirstTokenLatency")).isFalse();
    }

    @Test
    void aModelThatCannotBeLoadedIsSaidAtOnce() {
        metrics.modelFailed();
        written.close();

        assertThat(lines).hasSize(1);
        assertThat(line(0).at("/ModelLoadSuccess").intValue()).isZero();
    }

    @Test
    void noArrayIsLongerThanCloudWatchTakes() {
        var timed = metrics.timing(load);
        IntStream.range(0, 250).forEach(i -> timed.complete(FakeLoad.request()).blockLast());
        written.flush();

        assertThat(line(0).at("/FirstTokenLatency")).hasSize(100);
    }

    @Test
    void aNamespaceOrStageThatCloudWatchWouldNotTakeIsRefused() {
        assertThatThrownBy(() -> new CloudWatchMetrics.Settings("a b", "prod")).hasMessageContaining("namespace");
        assertThatThrownBy(() -> new CloudWatchMetrics.Settings("AiDialog", "\n"))
                .hasMessageContaining("stage");
    }

    private JsonNode line(int number) {
        return JsonMapper.shared().readTree(lines.get(number));
    }

    private static List<String> units(JsonNode declared) {
        return StreamSupport.stream(declared.at("/Metrics").spliterator(), false)
                .map(metric -> metric.at("/Name").stringValue() + " "
                        + metric.at("/Unit").stringValue())
                .toList();
    }
}
