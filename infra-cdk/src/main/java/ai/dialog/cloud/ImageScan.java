package ai.dialog.cloud;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.targets.SnsTopic;
import software.amazon.awscdk.services.events.targets.SnsTopicProps;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.scheduler.CfnSchedule;
import software.constructs.Construct;

/**
 * What is known to be wrong with the images, once a week: an image does not change, what is known of it does. ECR scans
 * (basic scanning; its repositories scan on push besides), and findings that matter go to the topic.
 */
final class ImageScan extends Construct {

    ImageScan(Construct scope, String id, List<Images.Scanned> images, Notifications notifications) {
        super(scope, id);
        Stack stack = Stack.of(this);
        Role role = Role.Builder.create(this, "Role")
                .assumedBy(new ServicePrincipal("scheduler.amazonaws.com"))
                .build();
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("ecr:StartImageScan"))
                .resources(images.stream().map(Images.Scanned::arn).distinct().toList())
                .build());
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("sqs:SendMessage"))
                .resources(List.of(notifications.undelivered().getQueueArn()))
                .build());
        for (int i = 0; i < images.size(); i++) {
            Images.Scanned image = images.get(i);
            CfnSchedule schedule = CfnSchedule.Builder.create(this, "Weekly" + i)
                    .description("Look for vulnerabilities in an image of the AI dialog service")
                    // before people come on Monday
                    .scheduleExpression("cron(0 4 ? * MON *)")
                    .flexibleTimeWindow(CfnSchedule.FlexibleTimeWindowProperty.builder()
                            .mode("FLEXIBLE")
                            .maximumWindowInMinutes(60)
                            .build())
                    .target(CfnSchedule.TargetProperty.builder()
                            .arn("arn:" + stack.getPartition() + ":scheduler:::aws-sdk:ecr:startImageScan")
                            .roleArn(role.getRoleArn())
                            .input(stack.toJsonString(new TreeMap<>(Map.of(
                                    "RepositoryName",
                                    image.repository(),
                                    "ImageId",
                                    Map.of(
                                            image.tag().startsWith("sha256:") ? "ImageDigest" : "ImageTag",
                                            image.tag())))))
                            .deadLetterConfig(CfnSchedule.DeadLetterConfigProperty.builder()
                                    .arn(notifications.undelivered().getQueueArn())
                                    .build())
                            .build())
                    .build();
            schedule.getNode().addDependency(role);
        }
        tell(images, notifications);
    }

    private void tell(List<Images.Scanned> images, Notifications notifications) {
        Map<String, Object> some = Map.of("numeric", List.of(">", 0));
        Rule rule = Rule.Builder.create(this, "Findings")
                .description("A scan found something of high or critical severity")
                .eventPattern(EventPattern.builder()
                        .source(List.of("aws.ecr"))
                        .detailType(List.of("ECR Image Scan"))
                        .detail(Map.of(
                                "scan-status",
                                List.of("COMPLETE"),
                                "repository-name",
                                images.stream()
                                        .map(Images.Scanned::repository)
                                        .distinct()
                                        .toList(),
                                "image-tags",
                                images.stream().map(Images.Scanned::tag).toList(),
                                "$or",
                                List.of(
                                        Map.of("finding-severity-counts", Map.of("CRITICAL", List.of(some))),
                                        Map.of("finding-severity-counts", Map.of("HIGH", List.of(some))))))
                        .build())
                .build();
        rule.addTarget(new SnsTopic(
                notifications.topic(),
                SnsTopicProps.builder()
                        .deadLetterQueue(notifications.undelivered())
                        .build()));
    }
}
