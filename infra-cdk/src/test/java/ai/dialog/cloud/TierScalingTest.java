package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class TierScalingTest {

    private static final Stacks.Built DEV = Stacks.dev();
    private static final Template PROD = Stacks.prod().template();

    @Test
    void tasksFollowTheContainersOwnConcurrencyAtFourFifths() {
        for (Map.Entry<String, Template> stage :
                Map.of("dev", DEV.template(), "prod", PROD).entrySet()) {
            stage.getValue()
                    .hasResourceProperties(
                            "AWS::ApplicationAutoScaling::ScalingPolicy",
                            Map.of(
                                    "PolicyType",
                                    "TargetTrackingScaling",
                                    "TargetTrackingScalingPolicyConfiguration",
                                    Match.objectLike(Map.of(
                                            "TargetValue",
                                            80,
                                            "CustomizedMetricSpecification",
                                            Map.of(
                                                    "Namespace", "AiDialog",
                                                    "MetricName", "ConcurrencyUtilization",
                                                    "Statistic", "Average",
                                                    "Dimensions",
                                                            List.of(Map.of(
                                                                    "Name", "Stage", "Value", stage.getKey())))))));
        }
    }

    @Test
    void prodHasAlwaysATaskAndKeepsNoHours() {
        PROD.hasResourceProperties(
                "AWS::ApplicationAutoScaling::ScalableTarget",
                Map.of("MinCapacity", 1, "MaxCapacity", 4, "ScheduledActions", Match.absent()));
        PROD.resourcePropertiesCountIs(
                "AWS::ApplicationAutoScaling::ScalingPolicy", Map.of("PolicyType", "StepScaling"), 0);
    }

    @Test
    void devHasATaskByDayNoneByNightAndCanBeWokenThen() {
        Map<?, ?> target = DEV.only("AWS::ApplicationAutoScaling::ScalableTarget", "Tier");
        assertThat(at(target, "MinCapacity")).hasToString("0");
        assertThat((List<?>) at(target, "ScheduledActions"))
                .extracting(action -> at(action, "Schedule") + " " + at(action, "ScalableTargetAction"))
                .containsExactly(
                        "cron(0 8 ? * MON-FRI *) {MaxCapacity=2, MinCapacity=1}",
                        "cron(0 20 ? * MON-FRI *) {MaxCapacity=0, MinCapacity=0}",
                        "cron(5 20 ? * MON-FRI *) {MaxCapacity=2, MinCapacity=0}");
        assertThat(target.toString()).contains("Timezone=UTC");
    }

    @Test
    void theLastTaskIsTakenByIdlenessAloneAndWhereOneAlwaysRunsByTheTargetToo() {
        assertThat(scaleInDisabled(DEV.template())).isTrue();
        assertThat(scaleInDisabled(PROD)).isFalse();
    }

    private static boolean scaleInDisabled(Template template) {
        return template.findResources(
                        "AWS::ApplicationAutoScaling::ScalingPolicy",
                        Map.of("Properties", Map.of("PolicyType", "TargetTrackingScaling")))
                .values()
                .toString()
                .contains("DisableScaleIn=true");
    }

    @Test
    void anotherEngineTellsNothingOfItsWorkSoThatEveryCallCounts() {
        Stacks.Built vllm =
                Stacks.with(Map.of("engine", "vllm", "model", "s3://my-models/llama", "compute", "gpu", "minTasks", 0));
        assertThat(at(vllm.only("AWS::CloudWatch::Alarm", "TierScalingIdle"), "Metrics")
                        .toString())
                .contains("IF(healthy > 0, IF(FILL(calls, 0) == 0, 1, 0), 0)", "HealthyHostCount", "RequestCount");
        assertThat(scaleInDisabled(vllm.template())).isTrue();
    }

    @Test
    void whenThereIsNothingToDoForHalfAnHourTheTierGoesToZeroButNotWhileItIsBeingWoken() {
        DEV.template()
                .hasResourceProperties(
                        "AWS::ApplicationAutoScaling::ScalingPolicy",
                        Map.of(
                                "PolicyType",
                                "StepScaling",
                                "StepScalingPolicyConfiguration",
                                Match.objectLike(Map.of(
                                        "AdjustmentType",
                                        "ExactCapacity",
                                        "StepAdjustments",
                                        List.of(Map.of("MetricIntervalLowerBound", 0, "ScalingAdjustment", 0))))));
        Map<?, ?> alarm = DEV.only("AWS::CloudWatch::Alarm", "TierScalingIdle");
        assertThat(at(alarm, "EvaluationPeriods")).hasToString("30");
        assertThat(at(alarm, "TreatMissingData")).isEqualTo("notBreaching");
        assertThat(at(alarm, "Metrics").toString())
                .contains("IF(busy + queued + FILL(answered, 0) == 0, 1, 0)")
                .contains("ConcurrencyUtilization", "QueuedRequests", "FirstTokenLatency, ", "SampleCount")
                .as("a monitor's question for /health is no work")
                .doesNotContain("RequestCount");
        assertThat(at(alarm, "AlarmActions").toString()).contains("TierScalingToZero");
    }
}
