package ai.dialog.cloud;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * The secret that holds the callers' API keys. Its value is in no template: CloudFormation makes a random one that opens
 * nothing, and an operator puts the keys there.
 */
final class ApiKeys extends Construct {

    private final Secret secret;

    ApiKeys(Construct scope, String id) {
        super(scope, id);
        secret = Secret.Builder.create(this, "Secret")
                .description("API keys of the AI dialog service")
                // Losing the stack must not lose the keys that are out with callers.
                .removalPolicy(RemovalPolicy.RETAIN)
                .build();
        NagSuppressions.addResourceSuppressions(
                secret,
                List.of(NagPackSuppression.builder()
                        .id("AwsSolutions-SMG4")
                        .reason("Keys are rotated with overlap by a function of ours, which comes with key management;"
                                + " a rotation without overlap would refuse callers")
                        .build()));
    }

    Secret secret() {
        return secret;
    }
}
