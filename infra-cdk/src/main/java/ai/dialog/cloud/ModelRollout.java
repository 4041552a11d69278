package ai.dialog.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.ecs.TaskDefinition;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.targets.SfnStateMachine;
import software.amazon.awscdk.services.events.targets.SfnStateMachineProps;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.stepfunctions.DefinitionBody;
import software.amazon.awscdk.services.stepfunctions.LogLevel;
import software.amazon.awscdk.services.stepfunctions.LogOptions;
import software.amazon.awscdk.services.stepfunctions.StateMachine;
import software.constructs.Construct;

/**
 * The way of a new model: an object appears under {@code models/}, a task loads it and asks it a question, and where it
 * answers, the service is deployed anew with it, never with fewer tasks than before. Where the deployment fails or does not
 * end, the old model's name is put back, unless another new model is named by then, and people are told. The steps are in {@code model-rollout.asl.json}; none is a function of ours.
 */
final class ModelRollout extends Construct {

    private final Tier tier;
    private final StateMachine machine;

    ModelRollout(
            Construct scope,
            String id,
            String stage,
            Tier tier,
            TaskDefinition smoke,
            Notifications notifications,
            int logRetentionDays) {
        super(scope, id);
        this.tier = tier;
        LogGroup logs = LogGroup.Builder.create(this, "Logs")
                // Step Functions wants the prefix: a policy of CloudWatch Logs has little room for names
                .logGroupName("/aws/vendedlogs/states/ai-dialog-" + stage + "-model-rollout")
                .retention(Retention.ofDays(logRetentionDays))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        Role role = Role.Builder.create(this, "Role")
                .assumedBy(new ServicePrincipal("states.amazonaws.com"))
                .build();
        permit(role, smoke);
        notifications.letPublish(role);
        machine = StateMachine.Builder.create(this, "Machine")
                .definitionBody(DefinitionBody.fromString(definition(stage, smoke, notifications)))
                .role(role)
                .tracingEnabled(true)
                .logs(LogOptions.builder().destination(logs).level(LogLevel.ALL).build())
                .build();
        Answers.answerWithin(
                role,
                "AwsSolutions-IAM5",
                "Tasks of this cluster have names that are not known before they run; delivering logs and traces knows no"
                        + " resource (AWS service authorization reference)");
        start(notifications);
    }

    /** How many executions in a minute ended without their model being served, in whichever way. */
    IMetric failures() {
        MetricOptions minute = MetricOptions.builder()
                .period(Duration.minutes(1))
                .statistic("Sum")
                .build();
        return MathExpression.Builder.create()
                .label("New models that were not taken")
                .expression("FILL(aborted, 0) + FILL(failed, 0) + FILL(late, 0)")
                .usingMetrics(new TreeMap<>(Map.of(
                        "aborted", machine.metricAborted(minute),
                        "failed", machine.metricFailed(minute),
                        "late", machine.metricTimedOut(minute))))
                .period(Duration.minutes(1))
                .build();
    }

    private void start(Notifications notifications) {
        Rule rule = Rule.Builder.create(this, "NewModel")
                .description("A new model is in the bucket")
                .eventPattern(EventPattern.builder()
                        .source(List.of("aws.s3"))
                        .detailType(List.of("Object Created"))
                        .detail(Map.of(
                                "bucket",
                                Map.of("name", List.of(tier.models().bucket().getBucketName())),
                                "object",
                                Map.of("key", List.of(Map.of("wildcard", objects())))))
                        .build())
                .build();
        rule.addTarget(new SfnStateMachine(
                machine,
                SfnStateMachineProps.builder()
                        .deadLetterQueue(notifications.undelivered())
                        .build()));
    }

    /** Which object means that a model is there: ours is one file; a folder is there when its last object is, named READY. */
    private String objects() {
        return tier.engine().folder() ? "models/*/READY" : "models/*.gguf";
    }

    private String modelUri() {
        return tier.engine().folder()
                ? "States.Format('s3://{}/models/{}', $.detail.bucket.name,"
                        + " States.ArrayGetItem(States.StringSplit($.detail.object.key, '/'), 1))"
                : "States.Format('s3://{}/{}', $.detail.bucket.name, $.detail.object.key)";
    }

    private String definition(String stage, TaskDefinition smoke, Notifications notifications) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("partition", Stack.of(this).getPartition());
        values.put("stage", stage);
        values.put("modelUri", modelUri());
        values.put("cluster", tier.clusterArn());
        values.put("service", tier.serviceName());
        values.put("capacity", tier.capacity());
        values.put("smokeTask", smoke.getTaskDefinitionArn());
        values.put("smokeContainer", ModelTask.SMOKE);
        values.put("modelContainer", ModelTask.MODELS);
        values.put(
                "subnets",
                Fn.join(
                        "\",\"",
                        tier.network()
                                .vpc()
                                .selectSubnets(tier.network().inside())
                                .getSubnetIds()));
        values.put("securityGroup", tier.network().tier().getSecurityGroupId());
        values.put("parameter", tier.models().current().getParameterName());
        values.put("topic", notifications.topic().getTopicArn());
        values.put("logGroup", tier.logGroupName());
        String text = resource();
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("${" + value.getKey() + "}", value.getValue());
        }
        return text;
    }

    private static String resource() {
        try (InputStream in =
                Objects.requireNonNull(ModelRollout.class.getResourceAsStream("model-rollout.asl.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void permit(Role role, TaskDefinition smoke) {
        Stack stack = Stack.of(this);
        role.addToPolicy(allow("ecs:RunTask")
                .resources(List.of(smoke.getTaskDefinitionArn()))
                .conditions(Map.of("ArnEquals", Map.of("ecs:cluster", tier.clusterArn())))
                .build());
        role.addToPolicy(allow("ecs:DescribeTasks", "ecs:StopTask")
                .resources(List.of("arn:%s:ecs:%s:%s:task/%s/*"
                        .formatted(stack.getPartition(), stack.getRegion(), stack.getAccount(), tier.clusterName())))
                .build());
        role.addToPolicy(allow("iam:PassRole")
                .resources(List.of(
                        smoke.getTaskRole().getRoleArn(),
                        smoke.obtainExecutionRole().getRoleArn()))
                .conditions(Map.of("StringEquals", Map.of("iam:PassedToService", "ecs-tasks.amazonaws.com")))
                .build());
        role.addToPolicy(allow("ecs:DescribeServices", "ecs:UpdateService")
                .resources(List.of(tier.serviceArn()))
                .build());
        role.addToPolicy(allow("ssm:GetParameter", "ssm:PutParameter")
                .resources(List.of(tier.models().current().getParameterArn()))
                .build());
    }

    private static PolicyStatement.Builder allow(String... actions) {
        return PolicyStatement.Builder.create().actions(List.of(actions));
    }
}
