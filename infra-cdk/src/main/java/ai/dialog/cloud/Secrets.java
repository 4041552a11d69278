package ai.dialog.cloud;

import ai.dialog.cloud.settings.SecretSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.CfnPermission;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.secretsmanager.CfnRotationSchedule;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/**
 * The secrets, under a key of their own, and who may do what with each. No template has a value that opens anything: the
 * documents begin empty, a caller's secret begins with a random text that is no key, and the rotation that a deployment starts
 * makes the first key of each caller and the first pair that signs.
 */
final class Secrets extends Construct {

    private static final String NO_KEYS = "{\"keys\":[]}";

    private final Key key;
    private final Secret apiKeys;
    private final Secret signingKeys;
    private final Secret publicKeys;
    private final Secret inferenceKey;
    private final int rotationDays;
    private final Map<String, Secret> callers = new LinkedHashMap<>();

    Secrets(Construct scope, String id, SecretSettings settings) {
        super(scope, id);
        rotationDays = settings.rotationDays();
        key = Key.Builder.create(this, "Key")
                .description("Secrets of the AI dialog service")
                .enableKeyRotation(true)
                // without it the secrets below, which are kept too, would be lost
                .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                .build();
        apiKeys = document("ApiKeys", "Hashes of all API keys of the AI dialog service");
        publicKeys = document("PublicKeys", "Public keys that tokens of the AI dialog service are verified with");
        signingKeys = document("SigningKeys", "Key pairs that tokens of the AI dialog service are signed with");
        inferenceKey = madeInferenceKey();
        settings.callers().forEach(name -> callers.put(name, caller(name)));
        for (Secret checked : List.of(apiKeys, publicKeys)) {
            Answers.answer(
                    checked,
                    "AwsSolutions-SMG4",
                    "It has nothing secret that ages: hashes or public keys, which change when a caller's secret or the"
                            + " signing keys are rotated");
        }
        Answers.answer(
                inferenceKey,
                "AwsSolutions-SMG4",
                "It opens the containers, inside the network, to the functions; tasks read it when they start, so that it is"
                        + " changed with a deployment (docs/deploy.md)");
    }

    private Secret document(String id, String description) {
        return Secret.Builder.create(this, id)
                .description(description)
                .encryptionKey(key)
                .secretStringValue(SecretValue.unsafePlainText(NO_KEYS))
                // losing the stack must not lose the keys that are out with callers
                .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                .build();
    }

    private Secret caller(String name) {
        return Secret.Builder.create(this, "Caller-" + name)
                .description("API key of " + name + " for the AI dialog service; its application reads it here")
                .encryptionKey(key)
                .generateSecretString(SecretStringGenerator.builder()
                        .secretStringTemplate("{\"owner\":\"" + name + "\"}")
                        .generateStringKey("api_key")
                        .build())
                .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                .build();
    }

    /** Plain text: what the functions send to the model server as its API key. */
    private Secret madeInferenceKey() {
        return Secret.Builder.create(this, "InferenceKey")
                .description("API key of the model server; the functions and the containers read it")
                .encryptionKey(key)
                .generateSecretString(SecretStringGenerator.builder()
                        // letters and digits: it is sent in a header
                        .excludePunctuation(true)
                        .passwordLength(43)
                        .build())
                .build();
    }

    Secret inferenceKey() {
        return inferenceKey;
    }

    Secret apiKeys() {
        return apiKeys;
    }

    Secret signingKeys() {
        return signingKeys;
    }

    Secret publicKeys() {
        return publicKeys;
    }

    /** By the caller's name. */
    Map<String, Secret> callers() {
        return Map.copyOf(callers);
    }

    /** Lets a role read the values of these secrets, and nothing else. */
    void letRead(Role role, Secret... secrets) {
        role.addToPolicy(allow("secretsmanager:GetSecretValue")
                .resources(List.of(secrets).stream().map(Secret::getSecretArn).toList())
                .build());
        role.addToPolicy(viaSecretsManager("kms:Decrypt"));
    }

    /** Lets the rotation function change what it has to, and Secrets Manager call it, from now on as often as is set. */
    void rotateBy(Function function, Role role) {
        List<Secret> rotated = new ArrayList<>(callers.values());
        rotated.add(signingKeys);
        role.addToPolicy(allow(
                        "secretsmanager:DescribeSecret",
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage")
                .resources(rotated.stream().map(Secret::getSecretArn).toList())
                .build());
        role.addToPolicy(allow(
                        "secretsmanager:GetSecretValue",
                        "secretsmanager:PutSecretValue",
                        "secretsmanager:UpdateSecretVersionStage")
                .resources(List.of(apiKeys.getSecretArn(), publicKeys.getSecretArn()))
                .build());
        role.addToPolicy(viaSecretsManager("kms:Decrypt", "kms:GenerateDataKey"));
        CfnPermission permission = CfnPermission.Builder.create(this, "RotationPermission")
                .action("lambda:InvokeFunction")
                .functionName(function.getFunctionArn())
                .principal("secretsmanager.amazonaws.com")
                // not on behalf of another account's secret
                .sourceAccount(Stack.of(this).getAccount())
                .build();
        for (Secret secret : rotated) {
            CfnRotationSchedule schedule = CfnRotationSchedule.Builder.create(secret, "Rotation")
                    .secretId(secret.getSecretArn())
                    .rotationLambdaArn(function.getFunctionArn())
                    .rotationRules(CfnRotationSchedule.RotationRulesProperty.builder()
                            .automaticallyAfterDays(rotationDays)
                            .build())
                    // the first one makes the first key
                    .rotateImmediatelyOnUpdate(true)
                    .build();
            schedule.getNode().addDependency(permission);
        }
    }

    private PolicyStatement viaSecretsManager(String... actions) {
        return allow(actions)
                .resources(List.of(key.getKeyArn()))
                .conditions(Map.of(
                        "StringEquals",
                        Map.of(
                                "kms:ViaService",
                                "secretsmanager.%s.%s"
                                        .formatted(
                                                Stack.of(this).getRegion(),
                                                Stack.of(this).getUrlSuffix()))))
                .build();
    }

    private static PolicyStatement.Builder allow(String... actions) {
        return PolicyStatement.Builder.create().actions(List.of(actions));
    }
}
