package ai.dialog.cloud;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.Tracing;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * The functions, from one artefact, each fixed by its handler class to the one thing that it does. Each has a role and a log
 * group of its own and may do nothing but write that log, send traces, and read the secrets that it needs: the one that makes
 * tokens the key pairs, those that take them the public halves, and each that knows callers the hashes of their keys.
 */
final class Functions extends Construct {

    /** The gateway gives up after 29 seconds, so that a function that works longer is paid for nothing. */
    private static final int TIMEOUT_SECONDS = 29;

    /** A step of a rotation waits a minute, until every function has read what it changed. */
    private static final int ROTATION_TIMEOUT_SECONDS = 300;

    private static final int ROTATION_MEMORY_MIB = 512;

    private static final String API_KEYS = "API_KEYS_SECRET_ARN";
    private static final String SIGNING_KEYS = "SIGNING_KEYS_SECRET_ARN";
    private static final String PUBLIC_KEYS = "PUBLIC_KEYS_SECRET_ARN";

    private final CloudSettings settings;
    private final Code code;
    private final Function chat;
    private final Function token;
    private final Function models;
    private final Function health;

    Functions(Construct scope, String id, CloudSettings settings, Secrets secrets, LimitsTable limits) {
        super(scope, id);
        this.settings = settings;
        this.code = Code.fromAsset(settings.functionsArtefact().toString());
        // The names of the secrets, never their values: an environment is shown in consoles and logs.
        String apiKeys = secrets.apiKeys().getSecretArn();
        String signingKeys = secrets.signingKeys().getSecretArn();
        String publicKeys = secrets.publicKeys().getSecretArn();

        Role chatRole = role("Chat");
        secrets.letRead(chatRole, secrets.apiKeys(), secrets.publicKeys());
        limits.letCount(chatRole);
        chat = answering(
                "Chat", chatRole, Map.of(API_KEYS, apiKeys, PUBLIC_KEYS, publicKeys, "LIMITS_TABLE", limits.name()));

        Role tokenRole = role("Token");
        secrets.letRead(tokenRole, secrets.apiKeys(), secrets.signingKeys());
        token = answering("Token", tokenRole, Map.of(API_KEYS, apiKeys, SIGNING_KEYS, signingKeys));

        Role modelsRole = role("Models");
        secrets.letRead(modelsRole, secrets.apiKeys(), secrets.publicKeys());
        models = answering("Models", modelsRole, Map.of(API_KEYS, apiKeys, PUBLIC_KEYS, publicKeys));

        health = answering("Health", role("Health"), Map.of());

        Role rotationRole = role("Rotation");
        Function rotation = function(
                "Rotation",
                rotationRole,
                ROTATION_TIMEOUT_SECONDS,
                ROTATION_MEMORY_MIB,
                Map.of(API_KEYS, apiKeys, SIGNING_KEYS, signingKeys, PUBLIC_KEYS, publicKeys));
        secrets.rotateBy(rotation, rotationRole);
    }

    Function chat() {
        return chat;
    }

    Function token() {
        return token;
    }

    Function models() {
        return models;
    }

    Function health() {
        return health;
    }

    private Role role(String name) {
        Role role = Role.Builder.create(this, name + "Role")
                .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
                .build();
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
                .resources(List.of("*"))
                .build());
        NagSuppressions.addResourceSuppressions(
                role,
                List.of(NagPackSuppression.builder()
                        .id("AwsSolutions-IAM5")
                        .appliesTo(List.of("Resource::*"))
                        .reason("X-Ray's two actions know no resource (AWS service authorization reference)")
                        .build()),
                true);
        return role;
    }

    /** A function that the gateway calls. */
    private Function answering(String name, Role role, Map<String, String> names) {
        Map<String, String> environment = new LinkedHashMap<>(names);
        environment.put("INFERENCE_URL", settings.inferenceUrl().toString());
        return function(name, role, TIMEOUT_SECONDS, settings.memoryMib(), environment);
    }

    private Function function(
            String name, Role role, int timeoutSeconds, int memoryMib, Map<String, String> environment) {
        LogGroup logs = LogGroup.Builder.create(this, name + "Logs")
                .retention(Retention.ofDays(settings.logRetentionDays()))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        logs.grantWrite(role);
        Map<String, String> all = new LinkedHashMap<>(environment);
        // A function starts more often than it is hot: the first compiler only, the collector without threads.
        all.put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        return Function.Builder.create(this, name)
                .description("AI dialog service: " + name)
                .runtime(Runtime.JAVA_25)
                .architecture(Architecture.ARM_64)
                .handler("ai.dialog.functions.aws." + name + "Handler")
                .code(code)
                .role(role)
                .memorySize(memoryMib)
                .timeout(Duration.seconds(timeoutSeconds))
                .logGroup(logs)
                .tracing(Tracing.ACTIVE)
                .environment(all)
                .build();
    }
}
