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
 * The four functions, from one artefact, each fixed by its handler class to the one thing that it answers. Each has a role
 * and a log group of its own and may do nothing but write that log, send traces and, where it checks callers, read the keys.
 */
final class Functions extends Construct {

    /** The gateway gives up after 29 seconds, so that a function that works longer is paid for nothing. */
    private static final int TIMEOUT_SECONDS = 29;

    private final CloudSettings settings;
    private final ApiKeys keys;
    private final Code code;
    private final Function chat;
    private final Function token;
    private final Function models;
    private final Function health;

    Functions(Construct scope, String id, CloudSettings settings, ApiKeys keys) {
        super(scope, id);
        this.settings = settings;
        this.keys = keys;
        this.code = Code.fromAsset(settings.functionsArtefact().toString());
        this.chat = function("Chat", true);
        this.token = function("Token", true);
        this.models = function("Models", true);
        this.health = function("Health", false);
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

    private Function function(String name, boolean checksCallers) {
        LogGroup logs = LogGroup.Builder.create(this, name + "Logs")
                .retention(Retention.ofDays(settings.logRetentionDays()))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        Role role = Role.Builder.create(this, name + "Role")
                .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
                .build();
        logs.grantWrite(role);
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
                .resources(List.of("*"))
                .build());
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("INFERENCE_URL", settings.inferenceUrl().toString());
        // A function starts more often than it is hot: the first compiler only, the collector without threads.
        environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        if (checksCallers) {
            // The name of the secret, never its value: an environment is shown in consoles and logs.
            environment.put("API_KEYS_SECRET_ARN", keys.secret().getSecretArn());
            keys.secret().grantRead(role);
        }
        Function function = Function.Builder.create(this, name)
                .description("AI dialog service: " + name)
                .runtime(Runtime.JAVA_25)
                .architecture(Architecture.ARM_64)
                .handler("ai.dialog.functions.aws." + name + "Handler")
                .code(code)
                .role(role)
                .memorySize(settings.memoryMib())
                .timeout(Duration.seconds(TIMEOUT_SECONDS))
                .logGroup(logs)
                .tracing(Tracing.ACTIVE)
                .environment(environment)
                .build();
        NagSuppressions.addResourceSuppressions(
                role,
                List.of(NagPackSuppression.builder()
                        .id("AwsSolutions-IAM5")
                        .appliesTo(List.of("Resource::*"))
                        .reason("X-Ray's two actions know no resource (AWS service authorization reference)")
                        .build()),
                true);
        return function;
    }
}
