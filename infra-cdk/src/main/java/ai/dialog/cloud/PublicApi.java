package ai.dialog.cloud;

import ai.dialog.cloud.settings.Cidr;
import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.FunctionSettings.ChatMode;
import ai.dialog.cloud.settings.GatewaySettings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.apigateway.EndpointConfiguration;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.IModel;
import software.amazon.awscdk.services.apigateway.IResource;
import software.amazon.awscdk.services.apigateway.IpAddressType;
import software.amazon.awscdk.services.apigateway.JsonSchema;
import software.amazon.awscdk.services.apigateway.JsonSchemaType;
import software.amazon.awscdk.services.apigateway.LambdaIntegration;
import software.amazon.awscdk.services.apigateway.LogGroupLogDestination;
import software.amazon.awscdk.services.apigateway.Method;
import software.amazon.awscdk.services.apigateway.MethodLoggingLevel;
import software.amazon.awscdk.services.apigateway.MethodOptions;
import software.amazon.awscdk.services.apigateway.ModelOptions;
import software.amazon.awscdk.services.apigateway.RequestValidator;
import software.amazon.awscdk.services.apigateway.RequestValidatorOptions;
import software.amazon.awscdk.services.apigateway.Resource;
import software.amazon.awscdk.services.apigateway.ResponseTransferMode;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.StageOptions;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * The REST API: who may reach it (a resource policy by address), how fast (throttling), what is written down (access logs
 * without credentials and bodies), and which function answers which path. A path without a function is refused here.
 */
final class PublicApi extends Construct {

    private final CloudSettings settings;
    private final RestApi api;
    private final RequestValidator validator;

    PublicApi(Construct scope, String id, CloudSettings settings, Functions functions) {
        super(scope, id);
        this.settings = settings;
        GatewaySettings gateway = settings.gateway();
        api = RestApi.Builder.create(this, "Rest")
                .restApiName("ai-dialog-" + settings.stage())
                .endpointConfiguration(EndpointConfiguration.builder()
                        .types(List.of(EndpointType.REGIONAL))
                        // unless it is said, a caller with IPv6 alone does not reach it
                        .ipAddressType(IpAddressType.DUAL_STACK)
                        .build())
                .policy(onlyFrom(settings.allowedCidrs()))
                // with a name of one's own the gateway's own is one way in too many
                .disableExecuteApiEndpoint(gateway.domainName() != null)
                // Writing access logs needs this role once in an account.
                .cloudWatchRole(true)
                // Other stages may write by it: not taken away either where the first deployment of this one fails.
                .cloudWatchRoleRemovalPolicy(RemovalPolicy.RETAIN)
                .deployOptions(stage(gateway))
                .build();
        validator = api.addRequestValidator(
                "Validator",
                RequestValidatorOptions.builder()
                        .validateRequestBody(true)
                        .validateRequestParameters(true)
                        .build());
        routes(functions);
        new GatewayErrors(this, "Errors", api, gateway.corsOrigins());
        new CallerPlans(this, "Callers", settings, api);
        if (gateway.waf()) {
            new Firewall(this, "Firewall", api.getDeploymentStage(), gateway.wafRequests());
        }
        if (gateway.domainName() != null && gateway.certificateArn() != null) {
            new CustomDomain(this, "Domain", api, gateway.domainName(), gateway.certificateArn());
        }
        answerNagFindings();
    }

    /** The address to call, with the stage. */
    String url() {
        String domain = settings.gateway().domainName();
        return domain == null ? api.getUrl() : "https://" + domain + "/";
    }

    /** The latencies of those routes that answer at once, by a name that CloudWatch takes in an expression. */
    Map<String, Metric> promptRoutes() {
        String name = api.getRestApiName();
        return Map.of(
                "models", Alarms.latency(name, settings.stage(), "GET", "/v1/models"),
                "tokens", Alarms.latency(name, settings.stage(), "POST", "/v1/tokens"),
                "health", Alarms.latency(name, settings.stage(), "GET", "/health"));
    }

    /** How often the gateway answered 5xx in a minute. */
    Metric serverErrors() {
        return api.getDeploymentStage()
                .metricServerError(MetricOptions.builder()
                        .period(Duration.minutes(1))
                        .statistic("Sum")
                        .build());
    }

    private void routes(Functions functions) {
        IModel chat = model("Chat", "messages", JsonSchemaType.ARRAY);
        IModel completion = model("Completion", "prompt", JsonSchemaType.STRING, JsonSchemaType.ARRAY);
        route("POST", chatting(functions.chat()), Map.of("application/json", chat), "v1", "chat", "completions");
        route("POST", chatting(functions.chat()), Map.of("application/json", completion), "v1", "completions");
        route("POST", answering(functions.token()), Map.of(), "v1", "tokens");
        open("GET", answering(functions.token()), ".well-known", "jwks.json");
        route("GET", answering(functions.models()), Map.of(), "v1", "models");
        // Greedy, because names such as organisation/model have a slash in them.
        route("GET", answering(functions.models()), Map.of(), "v1", "models", "{id+}");
        open("GET", answering(functions.health()), "health");
        open("GET", answering(functions.health()), "openapi.json");
    }

    private StageOptions stage(GatewaySettings gateway) {
        LogGroup accessLog = LogGroup.Builder.create(this, "AccessLog")
                .retention(Retention.ofDays(settings.logRetentionDays()))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        return StageOptions.builder()
                .stageName(settings.stage())
                .throttlingRateLimit(gateway.requestsPerSecond())
                .throttlingBurstLimit(gateway.burst())
                .accessLogDestination(new LogGroupLogDestination(accessLog))
                .accessLogFormat(AccessLog.FORMAT)
                .loggingLevel(MethodLoggingLevel.ERROR)
                // A trace of data would write prompts and credentials into the log.
                .dataTraceEnabled(false)
                .metricsEnabled(true)
                .tracingEnabled(true)
                .build();
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

    /** No more than that the field is there and of its kind: the functions say what is wrong with a value, and where. */
    private IModel model(String name, String field, JsonSchemaType... types) {
        JsonSchema.Builder schema = JsonSchema.builder();
        if (types.length == 1) {
            schema.type(types[0]);
        } else {
            schema.anyOf(List.of(types).stream()
                    .map(type -> JsonSchema.builder().type(type).build())
                    .toList());
        }
        return api.addModel(
                name + "Request",
                ModelOptions.builder()
                        .contentType("application/json")
                        .schema(JsonSchema.builder()
                                .type(JsonSchemaType.OBJECT)
                                .required(List.of(field))
                                .properties(Map.of(field, schema.build()))
                                .build())
                        .build());
    }

    private LambdaIntegration chatting(Alias function) {
        if (settings.functions().chatMode() == ChatMode.BUFFERED) {
            return answering(function);
        }
        return LambdaIntegration.Builder.create(function)
                .responseTransferMode(ResponseTransferMode.STREAM)
                .timeout(Duration.seconds(settings.functions().chatSeconds()))
                .allowTestInvoke(false)
                .build();
    }

    private static LambdaIntegration answering(Alias function) {
        return LambdaIntegration.Builder.create(function)
                .timeout(Duration.seconds(Functions.BUFFERED_SECONDS))
                .allowTestInvoke(false)
                .build();
    }

    /** For callers, who send a key of the gateway besides their own where that is set. */
    private void route(String method, LambdaIntegration function, Map<String, IModel> body, String... path) {
        add(method, function, body, settings.gateway().gatewayKeys(), path);
    }

    /** For everybody whose address is allowed. */
    private void open(String method, LambdaIntegration function, String... path) {
        add(method, function, Map.of(), false, path);
    }

    private void add(String verb, LambdaIntegration function, Map<String, IModel> body, boolean key, String... path) {
        var resource = api.getRoot();
        for (String part : path) {
            Resource there = (Resource) resource.getResource(part);
            resource = there != null ? there : resource.addResource(part);
        }
        method(resource, verb, function, body, key);
        if (!settings.gateway().corsOrigins().isEmpty()) {
            // a browser asks before it calls, without any key; the function says whose pages may
            method(resource, "OPTIONS", function, Map.of(), false);
        }
    }

    private void method(
            IResource resource, String verb, LambdaIntegration function, Map<String, IModel> body, boolean key) {
        Method method = resource.addMethod(
                verb,
                function,
                MethodOptions.builder()
                        .requestValidator(validator)
                        .requestModels(body)
                        .apiKeyRequired(key)
                        .build());
        Answers.answer(
                method,
                "AwsSolutions-APIG4",
                "The functions check the bearer themselves, so that the same check holds in the container and behind the"
                        + " gateway; health and public keys are open on purpose");
        Answers.answer(method, "AwsSolutions-COG4", "Callers are programs with API keys and tokens, not Cognito users");
    }

    private void answerNagFindings() {
        Answers.answerWithin(
                api,
                "AwsSolutions-IAM4",
                "The policy that AWS prescribes for the gateway's log role",
                List.of(
                        "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"));
        Answers.answerWithin(
                Objects.requireNonNull(api.getLatestDeployment()),
                "CdkNagValidationFailure",
                "The rule fails where a deployment has no settings of a stage; the stage has them, and they are checked",
                List.of("Serverless-APIGWStructuredLogging"));
        if (!settings.gateway().waf()) {
            Answers.answer(
                    api.getDeploymentStage(),
                    "AwsSolutions-APIG3",
                    "Callers are limited to named address ranges; the firewall is a setting (waf)");
        }
    }
}
