package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.amazon.awscdk.services.s3.assets.Asset;
import software.amazon.awscdk.services.ssm.StringParameter;
import software.constructs.Construct;

/**
 * Where models are: a bucket that tells of each new one under {@code models/}, and the parameter that says which one is
 * served. A task reads the parameter when it starts, so that another model needs no other template.
 */
final class ModelStore extends Construct {

    /** Old versions of an object: long enough to go back, not for ever at a model's size. */
    private static final int OLD_VERSION_DAYS = 30;

    private final Bucket bucket;
    private final StringParameter current;
    private final List<String> objects = new ArrayList<>();
    private final List<String> buckets = new ArrayList<>();

    ModelStore(Construct scope, String id, String stage, TierSettings tier, LogBucket logs) {
        super(scope, id);
        bucket = Bucket.Builder.create(this, "Bucket")
                .encryption(BucketEncryption.S3_MANAGED)
                .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
                .enforceSsl(true)
                .versioned(true)
                .serverAccessLogsBucket(logs.bucket())
                .serverAccessLogsPrefix("models/")
                .lifecycleRules(List.of(LifecycleRule.builder()
                        .abortIncompleteMultipartUploadAfter(Duration.days(7))
                        .noncurrentVersionExpiration(Duration.days(OLD_VERSION_DAYS))
                        .build()))
                .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                .build();
        // CDK's own switch would add a Lambda function with rights of its own; CloudFormation has one word for it
        ((CfnBucket) Objects.requireNonNull(bucket.getNode().getDefaultChild()))
                .addPropertyOverride("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", true);
        objects.add(bucket.arnForObjects("models/*"));
        buckets.add(bucket.getBucketArn());
        current = StringParameter.Builder.create(this, "Current")
                .parameterName("/ai-dialog/" + stage + "/model")
                .description("The model that is served; the pipeline changes it when a new one has passed its test")
                .stringValue(first(tier))
                .build();
    }

    private String first(TierSettings tier) {
        String model = tier.model();
        String partition = Stack.of(this).getPartition();
        if (!model.startsWith("s3://")) {
            Asset file = Asset.Builder.create(this, "First").path(model).build();
            objects.add("arn:%s:s3:::%s/%s".formatted(partition, file.getS3BucketName(), file.getS3ObjectKey()));
            return file.getS3ObjectUrl();
        }
        String place = model.substring("s3://".length());
        boolean folder = tier.engine() != TierSettings.Engine.AI_DIALOG;
        objects.add("arn:%s:s3:::%s".formatted(partition, folder ? place.replaceAll("/+$", "") + "/*" : place));
        buckets.add("arn:%s:s3:::%s".formatted(partition, place.substring(0, place.indexOf('/'))));
        return model;
    }

    Bucket bucket() {
        return bucket;
    }

    /** Holds the {@code s3://} address of the model that is served. */
    StringParameter current() {
        return current;
    }

    /**
     * Lets a task's role read models.
     *
     * @param list whether it copies folders, and so must see what is in them
     */
    void letRead(IRole role, boolean list) {
        role.addToPrincipalPolicy(PolicyStatement.Builder.create()
                .actions(List.of("s3:GetObject"))
                .resources(objects)
                .build());
        if (list) {
            role.addToPrincipalPolicy(PolicyStatement.Builder.create()
                    .actions(List.of("s3:ListBucket"))
                    .resources(buckets)
                    .conditions(Map.of("Bool", Map.of("aws:SecureTransport", "true")))
                    .build());
        }
        // the policy is a construct beside the role
        Answers.answerWithin(
                role,
                "AwsSolutions-IAM5",
                "A task reads whichever model is current: the models of this bucket, and the first one's folder");
    }
}
