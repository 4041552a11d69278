package ai.dialog.cloud;

import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;

/** What the container and the agent on a GPU instance tell CloudWatch, by the names that they use. */
final class Metrics {

    /** What is ours in CloudWatch. */
    static final String NAMESPACE = "AiDialog";

    /** Active slots over the largest batch, in percent. */
    static final String CONCURRENCY = "ConcurrencyUtilization";

    static final String QUEUED = "QueuedRequests";
    static final String FIRST_TOKEN = "FirstTokenLatency";
    static final String LOADED = "ModelLoadSuccess";
    static final String MEMORY = "MemoryUtilization";

    /** The CloudWatch agent's name for it. */
    static final String GPU = "nvidia_smi_utilization_gpu";

    private Metrics() {}

    /** A metric of a stage, a minute at a time. */
    static Metric of(String stage, String name, String statistic) {
        return Metric.Builder.create()
                .namespace(NAMESPACE)
                .metricName(name)
                .dimensionsMap(Map.of("Stage", stage))
                .statistic(statistic)
                .period(Duration.minutes(1))
                .build();
    }
}
