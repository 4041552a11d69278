package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.FunctionSettings;
import ai.dialog.cloud.settings.FunctionSettings.ChatMode;
import ai.dialog.cloud.settings.Origin;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.LoggingFormat;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.Tracing;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * How a function becomes one of Lambda's: its runtime, its log, its version and the name {@code live} that the gateway calls
 * it by, so that a deployment moves callers from one whole version to the next.
 */
final class LambdaFunctions {

    private static final String LIVE = "live";

    private final Construct scope;
    private final FunctionSettings settings;
    private final int logRetentionDays;
    private final List<Origin> corsOrigins;

    LambdaFunctions(Construct scope, CloudSettings settings) {
        this.scope = scope;
        this.settings = settings.functions();
        this.logRetentionDays = settings.logRetentionDays();
        this.corsOrigins = settings.gateway().corsOrigins();
    }

    /**
     * What a function may take.
     *
     * @param seconds of one call
     * @param memoryMib and its share of a processor
     * @param snapshot whether its versions start from a snapshot
     */
    record Bounds(int seconds, int memoryMib, boolean snapshot) {}

    /** A role that may send traces; its log and what else it needs are added. */
    Role role(String name) {
        Role role = Role.Builder.create(scope, name + "Role")
                .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
                .build();
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
                .resources(List.of("*"))
                .build());
        Answers.answerWithin(
                role,
                "AwsSolutions-IAM5",
                "X-Ray's two actions, and those of Lambda's network interfaces, know no resource (AWS service authorization"
                        + " reference)",
                List.of("Resource::*"));
        return role;
    }

    /** Chat, in the form that is set. */
    Alias chat(Role role, Map<String, String> environment, ModelServer server) {
        if (settings.chatMode() == ChatMode.BUFFERED) {
            return answering("Chat", role, environment, server);
        }
        Function function = common("Chat", role, network(role, server))
                .runtime(Runtime.PROVIDED_AL2023)
                .architecture(settings.chatArchitecture().equals("arm64") ? Architecture.ARM_64 : Architecture.X86_64)
                .handler("bootstrap")
                .code(Code.fromAsset(settings.chatArtefact().toString()))
                .memorySize(settings.memoryMib())
                .timeout(Duration.seconds(settings.chatSeconds()))
                .environment(called(environment))
                .build();
        return live("Chat", function);
    }

    /** A function of the managed runtime that the gateway calls. */
    Alias answering(String name, Role role, Map<String, String> environment, @Nullable ModelServer server) {
        Bounds bounds = new Bounds(Functions.BUFFERED_SECONDS, settings.memoryMib(), settings.snapStart());
        return live(name, managed(name, role, bounds, called(environment), server));
    }

    /** What a function is told besides that the gateway calls: whose pages may read its answers. */
    private Map<String, String> called(Map<String, String> environment) {
        Map<String, String> all = new TreeMap<>(environment);
        if (!corsOrigins.isEmpty()) {
            all.put("CORS_ORIGINS", corsOrigins.stream().map(Origin::text).collect(Collectors.joining(",")));
        }
        return all;
    }

    /** A function of the managed runtime, fixed by its handler to the one thing that it does. */
    Function managed(
            String name, Role role, Bounds bounds, Map<String, String> environment, @Nullable ModelServer server) {
        Map<String, String> all = new TreeMap<>(environment);
        // A function starts more often than it is hot: the first compiler only, the collector without threads.
        all.put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        return common(name, role, network(role, server))
                .runtime(Runtime.JAVA_25)
                .architecture(Architecture.ARM_64)
                .handler("ai.dialog.functions.aws." + name + "Handler")
                .code(Code.fromAsset(settings.functionsArtefact().toString()))
                .memorySize(bounds.memoryMib())
                .timeout(Duration.seconds(bounds.seconds()))
                .snapStart(bounds.snapshot() ? SnapStartConf.ON_PUBLISHED_VERSIONS : null)
                .environment(all)
                .build();
    }

    private Function.Builder common(String name, Role role, @Nullable Network network) {
        LogGroup logs = LogGroup.Builder.create(scope, name + "Logs")
                .retention(Retention.ofDays(logRetentionDays))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        logs.grantWrite(role);
        var builder = Function.Builder.create(scope, name)
                .description("AI dialog service: " + name)
                .role(role)
                .logGroup(logs)
                .loggingFormat(LoggingFormat.TEXT)
                .tracing(Tracing.ACTIVE);
        return network == null
                ? builder
                : builder.vpc(network.vpc()).vpcSubnets(network.inside()).securityGroups(List.of(network.functions()));
    }

    private static Alias live(String name, Function function) {
        Annotations.of(function)
                .acknowledgeWarning(
                        "@aws-cdk/aws-lambda:snapStartRequirePublish", "It has a published version: the one below");
        Answers.answer(
                function,
                "Serverless-LambdaDLQ",
                "The gateway calls it and waits for the answer: nothing is queued that could be lost");
        return Alias.Builder.create(function, "Live")
                .aliasName(LIVE)
                .description(name + " as callers have it")
                .version(function.getCurrentVersion())
                .build();
    }

    /** The network that a server is in, once the role may have an interface there; null for a server elsewhere. */
    private static @Nullable Network network(Role role, @Nullable ModelServer server) {
        if (server == null || server.tier() == null) {
            return null;
        }
        role.addToPolicy(interfaces(Effect.ALLOW).build());
        // Lambda makes the interface before the function runs; what runs in the function makes none
        role.addToPolicy(interfaces(Effect.DENY)
                .conditions(Map.of("Null", Map.of("lambda:SourceFunctionArn", "false")))
                .build());
        return server.tier().network();
    }

    private static PolicyStatement.Builder interfaces(Effect effect) {
        return PolicyStatement.Builder.create()
                .effect(effect)
                .actions(List.of(
                        "ec2:CreateNetworkInterface",
                        "ec2:DeleteNetworkInterface",
                        "ec2:DescribeNetworkInterfaces",
                        "ec2:DescribeSubnets",
                        "ec2:AssignPrivateIpAddresses",
                        "ec2:UnassignPrivateIpAddresses"))
                .resources(List.of("*"));
    }
}
