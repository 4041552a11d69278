package ai.dialog.cloud;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigateway.AccessLogField;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.LambdaIntegration;
import software.amazon.awscdk.services.apigateway.LogGroupLogDestination;
import software.amazon.awscdk.services.apigateway.MethodLoggingLevel;
import software.amazon.awscdk.services.apigateway.Resource;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.StageOptions;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * The REST API: who may reach it (a resource policy by address), how fast (throttling), what is written down (access logs
 * without credentials and bodies), and which function answers which path. A path without a function is refused here.
 */
final class PublicApi extends Construct {

    private final RestApi api;

    PublicApi(Construct scope, String id, CloudSettings settings, Functions functions) {
        super(scope, id);
        LogGroup accessLog = LogGroup.Builder.create(this, "AccessLog")
                .retention(Retention.ofDays(settings.logRetentionDays()))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        api = RestApi.Builder.create(this, "Rest")
                .restApiName("ai-dialog-" + settings.stage())
                .endpointTypes(List.of(EndpointType.REGIONAL))
                .policy(onlyFrom(settings.allowedCidrs()))
                // Writing access logs needs this role once in an account.
                .cloudWatchRole(true)
                .cloudWatchRoleRemovalPolicy(RemovalPolicy.RETAIN)
                .deployOptions(StageOptions.builder()
                        .stageName(settings.stage())
                        .throttlingRateLimit(settings.requestsPerSecond())
                        .throttlingBurstLimit(settings.burst())
                        .accessLogDestination(new LogGroupLogDestination(accessLog))
                        .accessLogFormat(accessLogFormat())
                        .loggingLevel(MethodLoggingLevel.ERROR)
                        // A trace of data would write prompts and credentials into the log.
                        .dataTraceEnabled(false)
                        .tracingEnabled(true)
                        .build())
                .build();
        route("POST", functions.chat(), "v1", "chat", "completions");
        route("POST", functions.chat(), "v1", "completions");
        route("POST", functions.token(), "v1", "tokens");
        route("GET", functions.token(), ".well-known", "jwks.json");
        route("GET", functions.models(), "v1", "models");
        // Greedy, because names such as organisation/model have a slash in them.
        route("GET", functions.models(), "v1", "models", "{id+}");
        route("GET", functions.health(), "health");
        route("GET", functions.health(), "openapi.json");
        answerNagFindings();
    }

    /** The address to call, with the stage. */
    String url() {
        return api.getUrl();
    }

    /**
     * Everybody is allowed and everybody from elsewhere is denied: a denial wins over any permission, also over one that is
     * granted to a role later. {@code NotIpAddress} denies where an address is in none of the ranges.
     */
    private static PolicyDocument onlyFrom(List<Cidr> cidrs) {
        List<String> ranges = cidrs.stream().map(Cidr::text).toList();
        return PolicyDocument.Builder.create()
                .statements(List.of(
                        invoke(Effect.ALLOW).build(),
                        invoke(Effect.DENY)
                                .conditions(Map.of("NotIpAddress", Map.of("aws:SourceIp", ranges)))
                                .build()))
                .build();
    }

    private static PolicyStatement.Builder invoke(Effect effect) {
        return PolicyStatement.Builder.create()
                .effect(effect)
                .principals(List.of(new AnyPrincipal()))
                .actions(List.of("execute-api:Invoke"))
                .resources(List.of("execute-api:/*"));
    }

    private static AccessLogFormat accessLogFormat() {
        return AccessLogFormat.custom("{\"requestId\":\"" + AccessLogField.contextRequestId()
                + "\",\"time\":\"" + AccessLogField.contextRequestTime()
                + "\",\"ip\":\"" + AccessLogField.contextIdentitySourceIp()
                + "\",\"method\":\"" + AccessLogField.contextHttpMethod()
                + "\",\"path\":\"" + AccessLogField.contextResourcePath()
                + "\",\"status\":\"" + AccessLogField.contextStatus()
                + "\",\"bytes\":\"" + AccessLogField.contextResponseLength()
                + "\",\"latencyMs\":\"" + AccessLogField.contextResponseLatency()
                + "\"}");
    }

    private void route(String method, Function function, String... path) {
        var resource = api.getRoot();
        for (String part : path) {
            Resource there = (Resource) resource.getResource(part);
            resource = there != null ? there : resource.addResource(part);
        }
        resource.addMethod(method, new LambdaIntegration(function));
    }

    private void answerNagFindings() {
        // Of the stack, because these rules find the API's every method: an answer on each would be most of the
        // template.
        NagSuppressions.addStackSuppressions(
                Stack.of(this),
                List.of(
                        answer(
                                "AwsSolutions-APIG2",
                                "The functions check every field and answer with OpenAI's error object, which clients read;"
                                        + " the gateway's validator would answer with its own"),
                        answer(
                                "AwsSolutions-APIG3",
                                "Callers are limited to named address ranges; a web application firewall is an option of the"
                                        + " full deployment"),
                        answer(
                                "AwsSolutions-APIG4",
                                "The functions check the bearer themselves, so that the same check holds in the container and"
                                        + " behind the gateway; health and public keys are open on purpose"),
                        answer("AwsSolutions-COG4", "Callers are programs with API keys and tokens, not Cognito users"),
                        NagPackSuppression.builder()
                                .id("AwsSolutions-IAM4")
                                .appliesTo(
                                        List.of(
                                                "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
                                .reason("The policy that AWS prescribes for the gateway's log role")
                                .build()));
    }

    private static NagPackSuppression answer(String id, String reason) {
        return NagPackSuppression.builder().id(id).reason(reason).build();
    }
}
