package ai.dialog.cloud;

import ai.dialog.cloud.settings.ScalingSettings;
import ai.dialog.cloud.settings.TierSettings;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.TimeZone;
import software.amazon.awscdk.services.applicationautoscaling.AdjustmentTier;
import software.amazon.awscdk.services.applicationautoscaling.AdjustmentType;
import software.amazon.awscdk.services.applicationautoscaling.CronOptions;
import software.amazon.awscdk.services.applicationautoscaling.EnableScalingProps;
import software.amazon.awscdk.services.applicationautoscaling.ScalingSchedule;
import software.amazon.awscdk.services.applicationautoscaling.Schedule;
import software.amazon.awscdk.services.applicationautoscaling.StepScalingAction;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.ApplicationScalingAction;
import software.amazon.awscdk.services.ecs.BaseService;
import software.amazon.awscdk.services.ecs.RequestCountScalingProps;
import software.amazon.awscdk.services.ecs.ScalableTaskCount;
import software.amazon.awscdk.services.ecs.TrackCustomMetricProps;
import software.constructs.Construct;

/**
 * How many tasks there are: as many as keep their slots 80 % full, by the container's own metric; none when nobody has called
 * for a while and none are demanded; and by the clock. From zero a request starts it (see {@link Tier#letWake}): a metric
 * that nobody sends cannot.
 */
final class TierScaling extends Construct {

    /** Full enough to be worth its money, with room for what comes while another task starts. */
    private static final int CONCURRENCY_PERCENT = 80;

    private static final String WORKDAYS = "MON-FRI";

    TierScaling(Construct scope, String id, String stage, TierSettings tier, BaseService service, Balancer balancer) {
        super(scope, id);
        ScalingSettings settings = tier.scaling();
        ScalableTaskCount tasks = service.autoScaleTaskCount(EnableScalingProps.builder()
                .minCapacity(settings.minTasks())
                .maxCapacity(settings.maxTasks())
                .build());
        boolean ours = tier.engine() == TierSettings.Engine.AI_DIALOG;
        // Target tracking would take the last task itself, after a quarter of an hour at 0 %; idleness alone may.
        boolean sleeps = settings.minTasks() == 0;
        if (ours) {
            tasks.scaleToTrackCustomMetric(
                    "Concurrency",
                    TrackCustomMetricProps.builder()
                            .metric(Metrics.of(stage, Metrics.CONCURRENCY, "Average"))
                            .targetValue(CONCURRENCY_PERCENT)
                            .disableScaleIn(sleeps)
                            // a task is worth keeping for a while: starting one takes minutes
                            .scaleInCooldown(Duration.minutes(10))
                            .scaleOutCooldown(Duration.seconds(settings.startSeconds()))
                            .build());
        } else {
            tasks.scaleOnRequestCount(
                    "Requests",
                    RequestCountScalingProps.builder()
                            .requestsPerTarget(settings.requestsPerTask())
                            .targetGroup(balancer.targets())
                            .disableScaleIn(sleeps)
                            .scaleInCooldown(Duration.minutes(10))
                            .scaleOutCooldown(Duration.seconds(settings.startSeconds()))
                            .build());
        }
        byTheClock(tasks, settings);
        if (sleeps) {
            toZeroWhenIdle(tasks, settings, ours ? withoutWork(stage) : withoutCalls(balancer));
        }
    }

    /**
     * In the evening two actions: the first ends the last task, the second, five minutes later, lets a request start one
     * again.
     */
    private static void byTheClock(ScalableTaskCount tasks, ScalingSettings settings) {
        ScalingSettings.Hours hours = settings.hours();
        if (hours == null) {
            return;
        }
        int atLeast = Math.max(1, settings.minTasks());
        at(tasks, "Morning", settings, hours.from(), 0, atLeast, settings.maxTasks());
        at(tasks, "Evening", settings, hours.to(), 0, 0, 0);
        at(tasks, "Night", settings, hours.to(), 5, 0, settings.maxTasks());
    }

    private static void at(
            ScalableTaskCount tasks, String id, ScalingSettings settings, int hour, int minute, int min, int max) {
        tasks.scaleOnSchedule(
                id,
                ScalingSchedule.builder()
                        .schedule(Schedule.cron(CronOptions.builder()
                                .weekDay(WORKDAYS)
                                .hour(Integer.toString(hour))
                                .minute(Integer.toString(minute))
                                .build()))
                        .timeZone(TimeZone.of(settings.timeZone()))
                        .minCapacity(min)
                        .maxCapacity(max)
                        .build());
    }

    /**
     * Minutes in which a task told that it has nothing to do: no slot in use, nobody waiting, no first token. A monitor that
     * asks for {@code /health} is no work. Where no task tells anything, at zero or while it starts, there is no such minute.
     */
    private static MathExpression withoutWork(String stage) {
        return MathExpression.Builder.create()
                .label("Minutes with a task and no work")
                // slots and the queue are looked at from time to time; a short answer between two looks has a first
                // token
                .expression("IF(busy + queued + FILL(answered, 0) == 0, 1, 0)")
                .usingMetrics(new TreeMap<>(Map.of(
                        "busy", Metrics.of(stage, Metrics.CONCURRENCY, "Maximum"),
                        "queued", Metrics.of(stage, Metrics.QUEUED, "Maximum"),
                        "answered", Metrics.of(stage, Metrics.FIRST_TOKEN, "SampleCount"))))
                .period(Duration.minutes(1))
                .build();
    }

    /**
     * Minutes in which a task was healthy and nobody called. Other engines tell nothing of their work, so that every call
     * counts, also one for {@code /health} through its function. At zero tasks there is no such minute.
     */
    private static MathExpression withoutCalls(Balancer balancer) {
        MetricOptions minute =
                MetricOptions.builder().period(Duration.minutes(1)).build();
        return MathExpression.Builder.create()
                .label("Minutes with a healthy task and no call")
                .expression("IF(healthy > 0, IF(FILL(calls, 0) == 0, 1, 0), 0)")
                .usingMetrics(new TreeMap<>(Map.of(
                        "healthy",
                        balancer.targets()
                                .getMetrics()
                                .healthyHostCount(MetricOptions.builder()
                                        .period(Duration.minutes(1))
                                        .statistic("Maximum")
                                        .build()),
                        "calls",
                        balancer.targets().getMetrics().requestCount(minute))))
                .period(Duration.minutes(1))
                .build();
    }

    /** A tier that is being woken is left alone: its minutes do not count, and the alarm goes out. */
    private void toZeroWhenIdle(ScalableTaskCount tasks, ScalingSettings settings, MathExpression idle) {
        Alarm alarm = Alarm.Builder.create(this, "Idle")
                .alarmDescription(
                        "Nothing to do for %d minutes: the tier goes to zero".formatted(settings.idleMinutes()))
                .metric(idle)
                .threshold(1)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
                .evaluationPeriods(settings.idleMinutes())
                .treatMissingData(TreatMissingData.NOT_BREACHING)
                .build();
        StepScalingAction none = StepScalingAction.Builder.create(this, "ToZero")
                .scalingTarget(tasks)
                .adjustmentType(AdjustmentType.EXACT_CAPACITY)
                .build();
        none.addAdjustment(AdjustmentTier.builder().lowerBound(0).adjustment(0).build());
        alarm.addAlarmAction(new ApplicationScalingAction(none));
    }
}
