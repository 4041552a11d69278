package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class OperationsTest {

    private static final Stacks.Built PROD = Stacks.prod();
    private static final Template TEMPLATE = PROD.template();

    @ParameterizedTest
    @CsvSource({
        "FirstTokenLatency, p99, '', GreaterThanThreshold, 500",
        "MemoryUtilization, '', Maximum, GreaterThanThreshold, 80",
        "ModelLoadSuccess, '', Minimum, LessThanThreshold, 1",
        "QueuedRequests, '', Maximum, GreaterThanThreshold, 32",
        "nvidia_smi_utilization_gpu, '', Average, GreaterThanThreshold, 95"
    })
    void whatTheContainersTellRaisesAnAlarm(
            String metric, String percentile, String statistic, String comparison, int threshold) {
        TEMPLATE.hasResourceProperties(
                "AWS::CloudWatch::Alarm",
                Map.of(
                        "Namespace",
                        "AiDialog",
                        "MetricName",
                        metric,
                        "ExtendedStatistic",
                        percentile.isEmpty() ? Match.absent() : percentile,
                        "Statistic",
                        statistic.isEmpty() ? Match.absent() : statistic,
                        "ComparisonOperator",
                        comparison,
                        "Threshold",
                        threshold,
                        "Dimensions",
                        List.of(Map.of("Name", "Stage", "Value", "prod"))));
    }

    @Test
    void theGatewaysSlowestPromptRouteOverHalfASecondAndItsErrorsRaiseOne() {
        Map<?, ?> latency = PROD.only("AWS::CloudWatch::Alarm", "AlarmsGatewayLatency");
        assertThat(at(latency, "Threshold")).hasToString("500");
        assertThat(at(latency, "Metrics").toString()).contains("/v1/models", "/v1/tokens", "/health", "Stat=p99");
        TEMPLATE.hasResourceProperties(
                "AWS::CloudWatch::Alarm", Map.of("Namespace", "AWS/ApiGateway", "MetricName", "5XXError"));
        TEMPLATE.hasResourceProperties(
                "AWS::ApiGateway::Stage",
                Map.of("MethodSettings", Match.arrayWith(List.of(Match.objectLike(Map.of("MetricsEnabled", true))))));
    }

    @Test
    void aRotationThatFailsRaisesOneTheSameDay() {
        TEMPLATE.hasResourceProperties(
                "AWS::CloudWatch::Alarm",
                Map.of(
                        "Namespace",
                        "AWS/Lambda",
                        "MetricName",
                        "Errors",
                        "Threshold",
                        0,
                        "Dimensions",
                        List.of(Map.of(
                                "Name",
                                "FunctionName",
                                "Value",
                                Map.of("Ref", Match.stringLikeRegexp("FunctionsRotation.*"))))));
    }

    @Test
    void everyAlarmTellsTheTopicAndNoneIsRaisedByAFigureThatNobodySends() {
        TEMPLATE.allResourcesProperties(
                "AWS::CloudWatch::Alarm",
                Match.objectLike(Map.of(
                        "TreatMissingData",
                        "notBreaching",
                        "AlarmActions",
                        List.of(Map.of("Ref", Match.stringLikeRegexp("NotificationsTopic.*"))))));
    }

    @Test
    void theTopicIsEncryptedTakesTlsAloneAndWritesToTheAddressThatIsSet() {
        TEMPLATE.hasResourceProperties("AWS::SNS::Topic", Map.of("KmsMasterKeyId", Match.anyValue()));
        TEMPLATE.hasResourceProperties(
                "AWS::SNS::Subscription", Map.of("Protocol", "email", "Endpoint", "ops@example.org"));
        Stacks.dev().template().resourceCountIs("AWS::SNS::Subscription", 0);
        String policy = TEMPLATE.findResources("AWS::SNS::TopicPolicy").toString();
        assertThat(policy)
                .contains("aws:SecureTransport=false", "cloudwatch.amazonaws.com", "budgets.amazonaws.com")
                .contains("aws:SourceAccount={Ref=AWS::AccountId}");
    }

    @Test
    void itsKeyAsksForTheAccountWhereTheServiceNamesOneWhichEventBridgeDoesNot() {
        List<?> statements = (List<?>) at(PROD.only("AWS::KMS::Key", "Notifications"), "KeyPolicy", "Statement");
        for (Object statement : statements) {
            String text = statement.toString();
            if (text.contains(".amazonaws.com")) {
                assertThat(text.contains("aws:SourceAccount")).as(text).isEqualTo(!text.contains("events."));
            }
        }
        assertThat(statements.toString())
                .contains("events.amazonaws.com", "cloudwatch.amazonaws.com", "budgets.amazonaws.com");
    }

    @Test
    void whatCouldNotBeDeliveredRaisesAnAlarm() {
        TEMPLATE.hasResourceProperties(
                "AWS::CloudWatch::Alarm",
                Map.of(
                        "Namespace",
                        "AWS/SQS",
                        "MetricName",
                        "ApproximateNumberOfMessagesVisible",
                        "Threshold",
                        0,
                        "Dimensions",
                        Match.anyValue()));
    }

    @Test
    void spendIsToldAtFourFifthsAndWhenAForecastIsAboveTheBudget() {
        Map<?, ?> budget = PROD.only("AWS::Budgets::Budget", "Spending");
        assertThat(at(budget, "Budget", "BudgetLimit")).isEqualTo(Map.of("Amount", 2000, "Unit", "USD"));
        assertThat(at(budget, "Budget", "CostFilters").toString()).contains("user:stage$prod");
        assertThat(at(budget, "NotificationsWithSubscribers").toString())
                .contains("NotificationType=ACTUAL", "Threshold=80", "NotificationType=FORECASTED", "Threshold=100");
    }

    @Test
    void theImagesAreScannedEachWeekAndWhatMattersGoesToTheTopic() {
        TEMPLATE.resourceCountIs("AWS::Scheduler::Schedule", 2);
        Map<?, ?> schedule = PROD.only("AWS::Scheduler::Schedule", "ImageScanWeekly0");
        assertThat(at(schedule, "ScheduleExpression")).isEqualTo("cron(0 4 ? * MON *)");
        assertThat(at(schedule, "Target", "Arn").toString()).contains("aws-sdk:ecr:startImageScan");
        assertThat(at(schedule, "Target", "Input").toString()).contains("ai-dialog", "1.0");
        assertThat(Policies.actions(PROD, "ImageScanRole"))
                .containsExactlyInAnyOrder("ecr:StartImageScan", "sqs:SendMessage");
        TEMPLATE.hasResourceProperties(
                "AWS::Events::Rule",
                Map.of(
                        "EventPattern",
                        Match.objectLike(Map.of(
                                "source",
                                List.of("aws.ecr"),
                                "detail",
                                Match.objectLike(Map.of(
                                        "$or",
                                        List.of(
                                                Map.of(
                                                        "finding-severity-counts",
                                                        Map.of(
                                                                "CRITICAL",
                                                                List.of(Map.of("numeric", List.of(">", 0))))),
                                                Map.of(
                                                        "finding-severity-counts",
                                                        Map.of(
                                                                "HIGH",
                                                                List.of(Map.of("numeric", List.of(">", 0))))))))))));
    }

    @Test
    void thereIsADashboard() {
        assertThat(at(PROD.only("AWS::CloudWatch::Dashboard", "Alarms"), "DashboardBody")
                        .toString())
                .contains("ConcurrencyUtilization", "FirstTokenLatency", "nvidia_smi_utilization_gpu");
    }

    @Test
    void withoutAlarmsAServerElsewhereNeedsNothingOfIt() {
        Template external = Stacks.external().template();
        for (String type : List.of(
                "AWS::CloudWatch::Alarm",
                "AWS::SNS::Topic",
                "AWS::Budgets::Budget",
                "AWS::DynamoDB::Table",
                "AWS::EC2::VPC",
                "AWS::ECS::Cluster",
                "AWS::WAFv2::WebACL")) {
            external.resourceCountIs(type, 0);
        }
    }
}
