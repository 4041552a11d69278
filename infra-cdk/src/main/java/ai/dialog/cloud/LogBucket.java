package ai.dialog.cloud;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.constructs.Construct;

/** Where the load balancer and the bucket of models write who asked them what; it forgets by itself. */
final class LogBucket extends Construct {

    private static final String BALANCER = "balancer";

    private final Bucket bucket;

    LogBucket(Construct scope, String id, int retentionDays) {
        super(scope, id);
        bucket = Bucket.Builder.create(this, "Bucket")
                .encryption(BucketEncryption.S3_MANAGED)
                .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
                .enforceSsl(true)
                .lifecycleRules(List.of(LifecycleRule.builder()
                        .expiration(Duration.days(retentionDays))
                        .build()))
                // A bucket with something in it cannot be deleted with the stack, nor by a first deployment's rollback:
                // the
                // load balancer writes a test file as soon as it is told of the bucket.
                .removalPolicy(RemovalPolicy.RETAIN)
                .build();
        Answers.answer(bucket, "AwsSolutions-S1", "It is the bucket of access logs; a log of its own would log itself");
        bucket.addToResourcePolicy(PolicyStatement.Builder.create()
                .principals(List.of(new ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")))
                .actions(List.of("s3:PutObject"))
                .resources(List.of(bucket.arnForObjects(
                        BALANCER + "/AWSLogs/" + Stack.of(this).getAccount() + "/*")))
                .build());
    }

    Bucket bucket() {
        return bucket;
    }

    /** What a load balancer is told, so that it writes here. */
    Map<String, String> balancerAttributes() {
        return new TreeMap<>(Map.of(
                "access_logs.s3.enabled",
                "true",
                "access_logs.s3.bucket",
                bucket.getBucketName(),
                "access_logs.s3.prefix",
                BALANCER));
    }
}
