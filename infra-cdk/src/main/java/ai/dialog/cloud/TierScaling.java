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
        if (tier.engine() == TierSettings.Engine.AI_DIALOG) {
            tasks.scaleToTrackCustomMetric(
                    "Concurrency",
                    TrackCustomMetricProps.builder()
                            .metric(Metrics.of(stage, Metrics.CONCURRENCY, "Average"))
                            .targetValue(CONCURRENCY_PERCENT)
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
                            .scaleInCooldown(Duration.minutes(10))
                            .scaleOutCooldown(Duration.seconds(settings.startSeconds()))
                            .build());
        }
        byTheClock(tasks, settings);
        if (settings.minTasks() == 0) {
            toZeroWhenIdle(tasks, settings, balancer);
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
     * The alarm counts minutes in which a task was healthy and nobody called. At zero tasks there is no such minute: the alarm
     * goes out, and a tier that is being woken is left alone.
     */
    private void toZeroWhenIdle(ScalableTaskCount tasks, ScalingSettings settings, Balancer balancer) {
        MetricOptions minute =
                MetricOptions.builder().period(Duration.minutes(1)).build();
        var idle = MathExpression.Builder.create()
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
        Alarm alarm = Alarm.Builder.create(this, "Idle")
                .alarmDescription(
                        "Nobody has called for %d minutes: the tier goes to zero".formatted(settings.idleMinutes()))
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
