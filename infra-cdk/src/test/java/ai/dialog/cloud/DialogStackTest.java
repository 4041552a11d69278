package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What holds of every stage, whoever answers. */
class DialogStackTest {

    private static final Stacks.Built PROD = Stacks.with(Map.of(
            "stage", "prod",
            "image", Stacks.IMAGE,
            "model", "s3://my-models/small.gguf",
            "callers", "ann,bob"));

    private static final Template TEMPLATE = PROD.template();

    @Test
    void everyAddressOutsideTheRangesIsDenied() {
        TEMPLATE.hasResourceProperties(
                "AWS::ApiGateway::RestApi",
                Map.of(
                        "Policy",
                        Match.objectLike(Map.of(
                                "Statement",
                                List.of(
                                        statement("Allow"),
                                        Match.objectEquals(Map.of(
                                                "Effect",
                                                "Deny",
                                                "Principal",
                                                Map.of("AWS", "*"),
                                                "Action",
                                                "execute-api:Invoke",
                                                "Resource",
                                                "execute-api:/*",
                                                "Condition",
                                                Map.of(
                                                        "NotIpAddress",
                                                        Map.of(
                                                                "aws:SourceIp",
                                                                List.of("192.168.1.0/24", "2001:db8::/32"))))))))));
    }

    @Test
    void callsAreThrottledAndWrittenDownWithoutBodiesOrCredentials() {
        TEMPLATE.hasResourceProperties(
                "AWS::ApiGateway::Stage",
                Map.of(
                        "AccessLogSetting",
                        Match.objectLike(Map.of("Format", Match.stringLikeRegexp("requestId.*status"))),
                        "MethodSettings",
                        Match.arrayWith(List.of(Match.objectLike(Map.of(
                                "ThrottlingRateLimit",
                                50,
                                "ThrottlingBurstLimit",
                                100,
                                "DataTraceEnabled",
                                false,
                                "LoggingLevel",
                                "ERROR")))),
                        "TracingEnabled",
                        true));
        Map<String, Map<String, Object>> stages = TEMPLATE.findResources("AWS::ApiGateway::Stage");
        assertThat(stages.toString().toLowerCase(Locale.ROOT)).doesNotContain("authorization");
    }

    @Test
    void aFunctionKnowsTheNamesOfTheSecretsThatItNeedsAndNoValue() {
        assertThat(secretsOf("Chat"))
                .containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN", "INFERENCE_KEY_SECRET_ARN");
        assertThat(secretsOf("Models"))
                .containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN", "INFERENCE_KEY_SECRET_ARN");
        assertThat(secretsOf("Token")).containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "SIGNING_KEYS_SECRET_ARN");
        assertThat(secretsOf("Rotation"))
                .containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "SIGNING_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN");
        assertThat(secretsOf("Health")).containsExactly("INFERENCE_KEY_SECRET_ARN");
        assertThat(TEMPLATE.toJSON().toString()).doesNotContain("{{resolve:secretsmanager");
        assertThat(TEMPLATE.findResources("AWS::Lambda::Function").toString()).doesNotContain("API_KEY=");
    }

    /** The variables that name secrets; each must be a reference to one. */
    private static List<String> secretsOf(String function) {
        var variables =
                (Map<?, ?>) at(PROD.only("AWS::Lambda::Function", "Functions" + function), "Environment", "Variables");
        return variables.entrySet().stream()
                .filter(variable -> variable.getKey().toString().endsWith("_SECRET_ARN"))
                .filter(variable -> at(variable.getValue(), "Ref").toString().startsWith("Secrets"))
                .map(variable -> variable.getKey().toString())
                .toList();
    }

    @Test
    void eachFunctionMayReadWhatItNeedsAndOnlyTheRotationMayWriteOrReadACallersKey() {
        assertThat(secretsIn("Chat", "GetSecretValue"))
                .containsExactlyInAnyOrder("ApiKeys", "PublicKeys", "InferenceKey");
        assertThat(secretsIn("Models", "GetSecretValue"))
                .containsExactlyInAnyOrder("ApiKeys", "PublicKeys", "InferenceKey");
        assertThat(secretsIn("Token", "GetSecretValue")).containsExactlyInAnyOrder("ApiKeys", "SigningKeys");
        assertThat(secretsIn("Rotation", "PutSecretValue"))
                .containsExactlyInAnyOrder("ApiKeys", "PublicKeys", "SigningKeys", "Callerann", "Callerbob");
        for (String name : List.of("Chat", "Models", "Token", "Health")) {
            assertThat(secretsIn(name, "PutSecretValue")).isEmpty();
        }
        assertThat(secretsIn("Health", "GetSecretValue")).containsExactly("InferenceKey");
    }

    /** The secrets in those statements of a role's policy that allow an action. */
    private static Set<String> secretsIn(String role, String action) {
        Set<String> secrets = new TreeSet<>();
        for (Map<?, ?> statement : Policies.statements(PROD, "Functions" + role + "Role")) {
            if (at(statement, "Action").toString().contains("secretsmanager:" + action)) {
                var named = Pattern.compile("Ref=Secrets([A-Za-z]+?)[0-9A-F]{8}")
                        .matcher(at(statement, "Resource").toString());
                while (named.find()) {
                    secrets.add(named.group(1));
                }
            }
        }
        return secrets;
    }

    @Test
    void callersSecretsAndTheSigningKeysAreRotatedWellBeforeAKeyEnds() {
        TEMPLATE.resourceCountIs("AWS::SecretsManager::RotationSchedule", 3);
        TEMPLATE.allResourcesProperties(
                "AWS::SecretsManager::RotationSchedule",
                Match.objectLike(Map.of(
                        "RotateImmediatelyOnUpdate",
                        true,
                        "RotationRules",
                        Map.of("AutomaticallyAfterDays", 80),
                        "RotationLambdaARN",
                        Match.objectLike(Map.of(
                                "Fn::GetAtt", Match.arrayWith(List.of(Match.stringLikeRegexp("Rotation.*"))))))));
        TEMPLATE.hasResourceProperties(
                "AWS::Lambda::Permission",
                Map.of("Principal", "secretsmanager.amazonaws.com", "SourceAccount", Map.of("Ref", "AWS::AccountId")));
        TEMPLATE.hasResourceProperties(
                "AWS::Lambda::Function", Map.of("Handler", "ai.dialog.functions.aws.RotationHandler", "Timeout", 300));
    }

    @Test
    void theSecretsBeginWithNothingThatOpensAnythingUnderAKeyOfTheirOwn() {
        TEMPLATE.resourceCountIs("AWS::SecretsManager::Secret", 6);
        TEMPLATE.allResourcesProperties(
                "AWS::SecretsManager::Secret", Match.objectLike(Map.of("KmsKeyId", Match.anyValue())));
        TEMPLATE.allResourcesProperties("AWS::KMS::Key", Match.objectLike(Map.of("EnableKeyRotation", true)));
        TEMPLATE.findResources("AWS::SecretsManager::Secret").values().forEach(secret -> {
            var properties = (Map<?, ?>) at(secret, "Properties");
            if (properties.containsKey("SecretString")) {
                assertThat(properties.get("SecretString")).isEqualTo("{\"keys\":[]}");
            }
        });
        TEMPLATE.hasResourceProperties(
                "AWS::SecretsManager::Secret",
                Map.of(
                        "GenerateSecretString",
                        Map.of("SecretStringTemplate", "{\"owner\":\"ann\"}", "GenerateStringKey", "api_key")));
    }

    @Test
    void theKeysAndWhatTheyHaveUsedOutliveTheStack() {
        TEMPLATE.allResources("AWS::DynamoDB::Table", retained());
        for (String kept : List.of("ApiKeys", "SigningKeys", "PublicKeys", "Callerann", "Callerbob")) {
            assertThat(resource("AWS::SecretsManager::Secret", "Secrets" + kept))
                    .containsAllEntriesOf(retained());
        }
        assertThat(resource("AWS::KMS::Key", "SecretsKey")).containsAllEntriesOf(retained());
    }

    private static Map<String, Object> retained() {
        // a first deployment that fails leaves none of them
        return Map.of("DeletionPolicy", "RetainExceptOnCreate", "UpdateReplacePolicy", "Retain");
    }

    private static Map<String, Object> resource(String type, String prefix) {
        return TEMPLATE.findResources(type).entrySet().stream()
                .filter(resource -> resource.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsUsedIsCountedInATableThatOnlyTheChatFunctionCanWrite() {
        TEMPLATE.hasResourceProperties(
                "AWS::DynamoDB::Table",
                Map.of(
                        "KeySchema",
                        List.of(Map.of("AttributeName", "account", "KeyType", "HASH")),
                        "TimeToLiveSpecification",
                        Map.of("AttributeName", "expires", "Enabled", true),
                        "BillingMode",
                        "PAY_PER_REQUEST"));
        assertThat(TEMPLATE.findResources("AWS::IAM::Policy").entrySet().stream()
                        .filter(policy -> policy.getValue().toString().contains("dynamodb:"))
                        .map(Map.Entry::getKey))
                .singleElement()
                .asString()
                .startsWith("FunctionsChatRole");
    }

    @Test
    void onlyTheServicesOwnPathsAreRouted() {
        TEMPLATE.resourceCountIs("AWS::ApiGateway::Method", 8);
        for (String part : List.of(
                "v1", "chat", "completions", "tokens", "models", "{id+}", "health", "jwks.json", "openapi.json")) {
            TEMPLATE.hasResourceProperties("AWS::ApiGateway::Resource", Map.of("PathPart", part));
        }
        TEMPLATE.allResourcesProperties(
                "AWS::ApiGateway::Method", Match.objectLike(Map.of("HttpMethod", Match.not("ANY"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void everyLogIsKeptForTheTimeThatIsSet(String stage) {
        Template template = (stage.equals("dev") ? Stacks.dev() : Stacks.prod()).template();
        template.allResourcesProperties("AWS::Logs::LogGroup", Match.objectLike(Map.of("RetentionInDays", 30)));
        // five functions, the gateway, the network, the containers, the pipeline
        template.resourceCountIs("AWS::Logs::LogGroup", 9);
    }

    @Test
    void theTemplateNamesNoAccountAndNoRegionButTheImages() {
        String text = Stacks.external().template().toJSON().toString();
        assertThat(text).doesNotContainPattern("[^0-9][0-9]{12}[^0-9]");
        assertThat(text).doesNotContainPattern("(us|eu|ap)-[a-z]+-[0-9]");
        String withTier = TEMPLATE.toJSON().toString().replace("111122223333", "");
        assertThat(withTier).doesNotContainPattern("[^0-9a-f][0-9]{12}[^0-9a-f]");
    }

    @Test
    void whatCanHaveATagSaysWhoseItIs() {
        for (String type : List.of(
                "AWS::Lambda::Function", "AWS::SecretsManager::Secret", "AWS::ECS::Service", "AWS::S3::Bucket")) {
            TEMPLATE.allResourcesProperties(
                    type,
                    Match.objectLike(Map.of(
                            "Tags",
                            Match.arrayWith(List.of(
                                    Map.of("Key", "service", "Value", "ai-dialog"),
                                    Map.of("Key", "stage", "Value", "prod"))))));
        }
    }

    @Test
    void noRuleOfAwsSolutionsIsLeftUnanswered() {
        PROD.findings().hasNoError("*", Match.stringLikeRegexp("AwsSolutions-.*"));
        PROD.findings().hasNoWarning("*", Match.stringLikeRegexp("AwsSolutions-.*"));
    }

    private static Object statement(String effect) {
        return Match.objectEquals(Map.of(
                "Effect",
                effect,
                "Principal",
                Map.of("AWS", "*"),
                "Action",
                "execute-api:Invoke",
                "Resource",
                "execute-api:/*"));
    }
}
