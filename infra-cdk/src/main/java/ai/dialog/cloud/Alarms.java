package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.TierSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.constructs.Construct;

/**
 * What somebody is called for, and the same figures side by side on a dashboard. A figure that nobody sends (a tier at zero,
 * a night without calls) is no alarm.
 */
final class Alarms extends Construct {

    /** What a caller should see something within. */
    private static final int LATENCY_MILLIS = 500;

    private static final int MEMORY_PERCENT = 80;

    /** A GPU that is never idle has no room for who comes next, whatever the slots say. */
    private static final int GPU_PERCENT = 95;

    private final Notifications notifications;
    private final List<IWidget> widgets = new ArrayList<>();

    Alarms(
            Construct scope,
            String id,
            CloudSettings settings,
            PublicApi api,
            Functions functions,
            Notifications notifications) {
        super(scope, id);
        this.notifications = notifications;
        gateway(api);
        functions(functions);
        undelivered();
        TierSettings tier = settings.tier();
        if (tier != null && tier.engine() == TierSettings.Engine.AI_DIALOG) {
            container(settings.stage(), tier.size().maxBatchSize());
        }
        if (tier != null && tier.compute() == TierSettings.Compute.GPU) {
            alarm(
                    "GpuBusy",
                    "A GPU has been busy for a quarter of an hour: let there be more tasks (maxTasks)",
                    Metrics.of(settings.stage(), Metrics.GPU, "Average"),
                    new Limit(GPU_PERCENT, 15, 15));
        }
        Dashboard.Builder.create(this, "Dashboard")
                .dashboardName("ai-dialog-" + settings.stage())
                .widgets(widgets.stream()
                        .map(List::of)
                        .map(row -> (List<? extends IWidget>) row)
                        .toList())
                .build();
    }

    /**
     * When to call.
     *
     * @param above this value
     * @param minutes in so many of the last
     * @param of so many minutes
     */
    private record Limit(double above, int minutes, int of) {}

    private void gateway(PublicApi api) {
        // sorted: in another order it would be another template
        Map<String, IMetric> routes = new TreeMap<>(api.promptRoutes());
        MathExpression slowest = MathExpression.Builder.create()
                .label("Slowest route, P99")
                .expression("MAX([" + String.join(",", routes.keySet()) + "])")
                .usingMetrics(routes)
                .period(Duration.minutes(1))
                .build();
        alarm(
                "GatewayLatency",
                "A route that answers at once took over half a second (P99); a chat is judged by its first token",
                slowest,
                new Limit(LATENCY_MILLIS, 5, 10));
        alarm("GatewayErrors", "The gateway or what is behind it failed (5xx)", api.serverErrors(), new Limit(5, 2, 5));
    }

    private void functions(Functions functions) {
        MetricOptions minute = MetricOptions.builder()
                .period(Duration.minutes(1))
                .statistic("Sum")
                .build();
        alarm(
                "RotationErrors",
                "A key could not be rotated: callers are refused ten days after the first failure",
                functions.rotation().metricErrors(minute),
                new Limit(0, 1, 1));
        alarm(
                "ChatThrottles",
                "Lambda refused chats: the account's concurrency is used up",
                functions.chat().metricThrottles(minute),
                new Limit(0, 2, 5));
    }

    private void undelivered() {
        alarm(
                "Undelivered",
                "An event or a message could not be delivered and waits in the queue for it",
                notifications
                        .undelivered()
                        .metricApproximateNumberOfMessagesVisible(MetricOptions.builder()
                                .period(Duration.minutes(1))
                                .statistic("Maximum")
                                .build()),
                new Limit(0, 1, 1));
    }

    /** One that failed, ran out of time or was stopped; the pipeline's own message may be what failed. */
    void tellOf(ModelRollout rollout) {
        alarm("ModelRollout", "A new model was not taken", rollout.failures(), new Limit(0, 1, 1));
    }

    private void container(String stage, int batch) {
        alarm(
                "FirstToken",
                "The first token took over half a second (P99)",
                Metrics.of(stage, Metrics.FIRST_TOKEN, "p99"),
                new Limit(LATENCY_MILLIS, 5, 10));
        Alarm.Builder failed = Alarm.Builder.create(this, "ModelLoad")
                .alarmDescription("A model could not be loaded")
                .metric(Metrics.of(stage, Metrics.LOADED, "Minimum"))
                .threshold(1)
                .comparisonOperator(ComparisonOperator.LESS_THAN_THRESHOLD)
                .evaluationPeriods(1)
                .treatMissingData(TreatMissingData.NOT_BREACHING);
        failed.build().addAlarmAction(new SnsAction(notifications.topic()));
        alarm(
                "Memory",
                "A container uses over 80 % of its memory",
                Metrics.of(stage, Metrics.MEMORY, "Maximum"),
                new Limit(MEMORY_PERCENT, 3, 5));
        alarm(
                "Queue",
                "As many requests wait as are being answered",
                Metrics.of(stage, Metrics.QUEUED, "Maximum"),
                new Limit(batch, 3, 5));
        show("Slots in use, %", Metrics.of(stage, Metrics.CONCURRENCY, "Average"));
        show("Models loaded (1) or not (0)", Metrics.of(stage, Metrics.LOADED, "Minimum"));
    }

    private void alarm(String id, String description, IMetric metric, Limit limit) {
        Alarm alarm = Alarm.Builder.create(this, id)
                .alarmDescription(description)
                .metric(metric)
                .threshold(limit.above())
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                .datapointsToAlarm(limit.minutes())
                .evaluationPeriods(limit.of())
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
        alarm.addAlarmAction(new SnsAction(notifications.topic()));
        show(description, metric);
    }

    private void show(String title, IMetric metric) {
        widgets.add(GraphWidget.Builder.create()
                .title(title)
                .left(List.of(metric))
                .width(12)
                .build());
    }

    /** Of one route of the gateway. */
    static Metric latency(String api, String stage, String method, String path) {
        return Metric.Builder.create()
                .namespace("AWS/ApiGateway")
                .metricName("Latency")
                .dimensionsMap(Map.of("ApiName", api, "Stage", stage, "Method", method, "Resource", path))
                .statistic("p99")
                .period(Duration.minutes(1))
                .build();
    }
}
