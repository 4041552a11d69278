package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class PublicApiTest {

    private static final Template PROD = Stacks.prod().template();
    private static final Template DEV = Stacks.dev().template();

    @Test
    void aChatIsPassedOnAsItIsMadeForAsLongAsAQuarterOfAnHour() {
        for (Template template : List.of(DEV, PROD)) {
            assertThat(template.findResources(
                            "AWS::ApiGateway::Method",
                            Map.of(
                                    "Properties",
                                    Map.of(
                                            "HttpMethod",
                                            "POST",
                                            "Integration",
                                            Map.of("ResponseTransferMode", "STREAM", "TimeoutInMillis", 900_000)))))
                    .as("chat and completions")
                    .hasSize(2)
                    .allSatisfy((id, method) -> assertThat(at(method, "Properties", "Integration", "Uri")
                                    .toString())
                            .contains("2021-11-15", "response-streaming-invocations", "FunctionsChatLive"));
        }
    }

    @Test
    void callersComeByIpv4AndByIpv6() {
        for (Template template : List.of(DEV, PROD)) {
            template.hasResourceProperties(
                    "AWS::ApiGateway::RestApi",
                    Map.of(
                            "EndpointConfiguration",
                            Map.of("Types", List.of("REGIONAL"), "IpAddressType", "dualstack")));
        }
    }

    @Test
    void aBufferedChatAnswersWithinTheGatewaysTime() {
        Template template = Stacks.external().template();
        template.allResourcesProperties(
                "AWS::ApiGateway::Method",
                Match.objectLike(Map.of(
                        "Integration",
                        Match.objectLike(Map.of("TimeoutInMillis", 29_000, "ResponseTransferMode", Match.absent())))));
    }

    @Test
    void everyRouteCallsTheLiveVersionOfItsFunction() {
        PROD.findResources("AWS::ApiGateway::Method")
                .values()
                .forEach(method -> assertThat(
                                at(method, "Properties", "Integration", "Uri").toString())
                        .containsPattern("Functions(Chat|Token|Models|Health)Live"));
    }

    @Test
    void aRequestWithoutWhatItMustHaveNeverReachesAFunction() {
        PROD.hasResourceProperties(
                "AWS::ApiGateway::RequestValidator",
                Map.of("ValidateRequestBody", true, "ValidateRequestParameters", true));
        PROD.hasResourceProperties(
                "AWS::ApiGateway::Model",
                Map.of("Schema", Match.objectLike(Map.of("type", "object", "required", List.of("messages")))));
        PROD.hasResourceProperties(
                "AWS::ApiGateway::Model",
                Map.of("Schema", Match.objectLike(Map.of("type", "object", "required", List.of("prompt")))));
        PROD.allResourcesProperties(
                "AWS::ApiGateway::Method", Match.objectLike(Map.of("RequestValidatorId", Match.anyValue())));
    }

    @ParameterizedTest
    @CsvSource({
        "BAD_REQUEST_BODY, 400, invalid_request_error",
        "BAD_REQUEST_PARAMETERS, 400, invalid_request_error",
        "UNSUPPORTED_MEDIA_TYPE, 415, invalid_request_error",
        "REQUEST_TOO_LARGE, 413, invalid_request_error",
        "ACCESS_DENIED, 403, permission_error",
        "WAF_FILTERED, 403, permission_error",
        "INVALID_API_KEY, 403, permission_error",
        "MISSING_AUTHENTICATION_TOKEN, 404, invalid_request_error",
        "RESOURCE_NOT_FOUND, 404, invalid_request_error",
        "THROTTLED, 429, rate_limit_error",
        "QUOTA_EXCEEDED, 429, rate_limit_error",
        "INTEGRATION_TIMEOUT, 504, server_error",
        "INTEGRATION_FAILURE, 502, server_error",
        "DEFAULT_4XX, '', invalid_request_error",
        "DEFAULT_5XX, '', server_error"
    })
    void whatTheGatewayAnswersItselfIsOpenAisErrorObject(String type, String status, String kind) {
        PROD.hasResourceProperties(
                "AWS::ApiGateway::GatewayResponse",
                Map.of(
                        "ResponseType",
                        type,
                        "StatusCode",
                        status.isEmpty() ? Match.absent() : status,
                        "ResponseTemplates",
                        Map.of(
                                "application/json",
                                Match.serializedJson(Match.objectEquals(Map.of(
                                        "error",
                                        Match.objectLike(Map.of(
                                                "message", Match.anyValue(),
                                                "type", kind,
                                                "code", Match.anyValue()))))))));
    }

    @Test
    void whoIsThrottledIsToldWhenToTryAgain() {
        PROD.hasResourceProperties(
                "AWS::ApiGateway::GatewayResponse",
                Map.of(
                        "ResponseType",
                        "THROTTLED",
                        "ResponseParameters",
                        Map.of("gatewayresponse.header.Retry-After", "'1'")));
    }

    @Test
    void aUsagePlanBoundsADayAndKeysOfItAreAskedForOnlyWhereThatIsSet() {
        PROD.hasResourceProperties(
                "AWS::ApiGateway::UsagePlan",
                Map.of(
                        "Quota", Map.of("Limit", 100_000, "Period", "DAY"),
                        "Throttle", Map.of("RateLimit", 50, "BurstLimit", 100)));
        PROD.resourceCountIs("AWS::ApiGateway::ApiKey", 0);
        PROD.allResourcesProperties("AWS::ApiGateway::Method", Match.objectLike(Map.of("ApiKeyRequired", false)));
        Template keyed = Stacks.with(Map.of(
                        "inferenceUrl", "https://models.example.test", "gatewayKeys", true, "callers", "ann,bob"))
                .template();
        keyed.resourceCountIs("AWS::ApiGateway::ApiKey", 2);
        keyed.resourceCountIs("AWS::ApiGateway::UsagePlanKey", 2);
        keyed.resourcePropertiesCountIs("AWS::ApiGateway::Method", Map.of("ApiKeyRequired", true), 5);
        keyed.allResourcesProperties("AWS::ApiGateway::ApiKey", Match.objectLike(Map.of("Value", Match.absent())));
    }

    @Test
    void noPageIsAnsweredWhereNoneIsNamed() {
        for (Template template : List.of(DEV, PROD)) {
            template.resourcePropertiesCountIs("AWS::ApiGateway::Method", Map.of("HttpMethod", "OPTIONS"), 0);
            assertThat(template.findResources("AWS::ApiGateway::GatewayResponse")
                            .toString())
                    .doesNotContain("Access-Control", "Vary");
            assertThat(template.findResources("AWS::Lambda::Function").toString())
                    .doesNotContain("CORS_ORIGINS");
        }
    }

    @Test
    void aPreflightIsAnsweredByTheRoutesFunctionWithoutAKeyAndFromAllowedAddressesAlone() {
        Template template = pages("https://chat.example.org,http://localhost:3000");
        Map<String, Map<String, Object>> methods = template.findResources("AWS::ApiGateway::Method");
        var functions = new HashMap<Object, Set<Object>>();
        methods.values()
                .forEach(method -> functions
                        .computeIfAbsent(at(method, "Properties", "ResourceId"), route -> new HashSet<>())
                        .add(at(method, "Properties", "Integration", "Uri")));
        assertThat(functions)
                .hasSize(8)
                .allSatisfy((route, called) -> assertThat(called).hasSize(1));
        template.resourcePropertiesCountIs(
                "AWS::ApiGateway::Method",
                Map.of("HttpMethod", "OPTIONS", "AuthorizationType", "NONE", "ApiKeyRequired", false),
                8);
        assertThat(at(
                                template.findResources("AWS::ApiGateway::RestApi")
                                        .values()
                                        .iterator()
                                        .next(),
                                "Properties",
                                "Policy",
                                "Statement")
                        .toString())
                .contains("Effect=Deny", "NotIpAddress", "Resource=execute-api:/*");
    }

    @Test
    void everyFunctionThatAnswersKnowsWhosePagesMayCall() {
        Template template = pages("https://chat.example.org,http://localhost:3000");
        template.resourcePropertiesCountIs(
                "AWS::Lambda::Function",
                Map.of(
                        "Environment",
                        Match.objectLike(Map.of(
                                "Variables",
                                Match.objectLike(
                                        Map.of("CORS_ORIGINS", "https://chat.example.org,http://localhost:3000"))))),
                4);
    }

    @Test
    void thePageOfTheOneOriginReadsTheGatewaysOwnErrorsAndOfSeveralNone() {
        Template one = pages("https://chat.example.org");
        one.allResourcesProperties(
                "AWS::ApiGateway::GatewayResponse",
                Match.objectLike(Map.of(
                        "ResponseParameters",
                        Match.objectLike(Map.of(
                                "gatewayresponse.header.Access-Control-Allow-Origin",
                                "'https://chat.example.org'",
                                "gatewayresponse.header.Vary",
                                "'Origin'")))));
        one.hasResourceProperties(
                "AWS::ApiGateway::GatewayResponse",
                Map.of(
                        "ResponseType",
                        "THROTTLED",
                        "ResponseParameters",
                        Match.objectLike(Map.of("gatewayresponse.header.Retry-After", "'1'"))));
        assertThat(pages("https://chat.example.org,http://localhost:3000")
                        .findResources("AWS::ApiGateway::GatewayResponse")
                        .toString())
                .doesNotContain("Access-Control");
    }

    private static Template pages(String origins) {
        return Stacks.with(Map.of(
                        "inferenceUrl", "https://models.example.test", "gatewayKeys", true, "corsOrigins", origins))
                .template();
    }

    @Test
    void prodHasAFirewallThatBlocksWhoCallsTooOftenAndCountsWhatOnlyLooksLikeAnAttack() {
        DEV.resourceCountIs("AWS::WAFv2::WebACL", 0);
        PROD.resourceCountIs("AWS::WAFv2::WebACLAssociation", 1);
        PROD.hasResourceProperties(
                "AWS::WAFv2::WebACL",
                Map.of(
                        "Rules",
                        Match.arrayWith(List.of(
                                Match.objectLike(Map.of(
                                        "Action",
                                        Map.of("Block", Map.of()),
                                        "Statement",
                                        Map.of(
                                                "RateBasedStatement",
                                                Map.of(
                                                        "Limit", 2000,
                                                        "EvaluationWindowSec", 300,
                                                        "AggregateKeyType", "IP")))),
                                Match.objectLike(Map.of(
                                        "Statement",
                                        Map.of(
                                                "ManagedRuleGroupStatement",
                                                Match.objectLike(Map.of(
                                                        "Name",
                                                        "AWSManagedRulesCommonRuleSet",
                                                        "RuleActionOverrides",
                                                        Match.arrayWith(List.of(Map.of(
                                                                "Name",
                                                                "SizeRestrictions_BODY",
                                                                "ActionToUse",
                                                                Map.of("Count", Map.of())))))))))))));
        assertThat(PROD.findResources("AWS::WAFv2::WebACL").toString())
                .as("samples show headers")
                .doesNotContain("SampledRequestsEnabled=true");
    }

    @Test
    void aNameOfOnesOwnIsTheOnlyWayIn() {
        Template named = Stacks.with(Map.of(
                        "inferenceUrl", "https://models.example.test",
                        "domainName", "api.example.org",
                        "certificateArn", Certificates.PUBLIC))
                .template();
        named.hasResourceProperties(
                "AWS::ApiGateway::DomainName",
                Map.of(
                        "DomainName",
                        "api.example.org",
                        "RegionalCertificateArn",
                        Certificates.PUBLIC,
                        "EndpointConfiguration",
                        Map.of("Types", List.of("REGIONAL"), "IpAddressType", "dualstack"),
                        "SecurityPolicy",
                        "TLS_1_2"));
        named.hasResourceProperties("AWS::ApiGateway::RestApi", Map.of("DisableExecuteApiEndpoint", true));
        PROD.hasResourceProperties("AWS::ApiGateway::RestApi", Map.of("DisableExecuteApiEndpoint", false));
        PROD.resourceCountIs("AWS::ApiGateway::DomainName", 0);
    }
}
