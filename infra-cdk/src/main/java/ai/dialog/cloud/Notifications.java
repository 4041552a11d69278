package ai.dialog.cloud;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscriptionProps;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/**
 * The one topic that people are told by: alarms, spend, what a scan found, a model that was not taken. Encrypted, and the
 * services that write to it may do so on behalf of this account alone. What could not be delivered waits in a queue.
 */
final class Notifications extends Construct {

    private final Key key;
    private final Topic topic;
    private final Queue undelivered;

    Notifications(Construct scope, String id, @Nullable String email) {
        super(scope, id);
        key = Key.Builder.create(this, "Key")
                .description("Notifications of the AI dialog service")
                .enableKeyRotation(true)
                // nothing that must outlive the stack is under it
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        undelivered = Queue.Builder.create(this, "Undelivered")
                .encryption(QueueEncryption.SQS_MANAGED)
                .enforceSsl(true)
                .build();
        Answers.answer(undelivered, "AwsSolutions-SQS3", "It is the queue of what could not be delivered");
        Answers.answer(undelivered, "Serverless-SQSRedrivePolicy", "It is the queue of what could not be delivered");
        topic = Topic.Builder.create(this, "Topic")
                .displayName("AI dialog service")
                .masterKey(key)
                .enforceSsl(true)
                .build();
        // EventBridge is let in by its rule's target, without a condition: it names no account where a topic is
        // encrypted
        for (String service : List.of("cloudwatch", "budgets")) {
            letWrite(service + ".amazonaws.com");
        }
        if (email != null) {
            topic.addSubscription(new EmailSubscription(
                    email,
                    EmailSubscriptionProps.builder()
                            .deadLetterQueue(undelivered)
                            .build()));
        }
    }

    Topic topic() {
        return topic;
    }

    /** Where an event goes whose target does not take it. */
    Queue undelivered() {
        return undelivered;
    }

    /** Lets a role tell people something, and nothing else. */
    void letPublish(Role role) {
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("sns:Publish"))
                .resources(List.of(topic.getTopicArn()))
                .build());
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey"))
                .resources(List.of(key.getKeyArn()))
                .build());
    }

    private void letWrite(String service) {
        Map<String, Object> ours = Map.of(
                "StringEquals", Map.of("aws:SourceAccount", Stack.of(this).getAccount()));
        topic.addToResourcePolicy(PolicyStatement.Builder.create()
                .principals(List.of(new ServicePrincipal(service)))
                .actions(List.of("sns:Publish"))
                .resources(List.of(topic.getTopicArn()))
                .conditions(ours)
                .build());
        key.addToResourcePolicy(PolicyStatement.Builder.create()
                .principals(List.of(new ServicePrincipal(service)))
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey"))
                // in a key's own policy it is this key
                .resources(List.of("*"))
                .conditions(ours)
                .build());
    }
}
