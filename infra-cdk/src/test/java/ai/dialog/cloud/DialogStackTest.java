package ai.dialog.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Aspects;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class DialogStackTest {

    @TempDir
    private static Path folder;

    // Set once for all tests: starting CDK's JavaScript costs more than all of them.
    @SuppressWarnings("NullAway.Init")
    private static Template template;

    @SuppressWarnings("NullAway.Init")
    private static Annotations findings;

    @BeforeAll
    static void synthesize() throws IOException {
        NodeJs.require();
        Path artefact = folder.resolve("functions-lambda.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(artefact))) {
            zip.putNextEntry(new ZipEntry("lib/functions.jar"));
        }
        App app = new App(AppProps.builder()
                .outdir(folder.resolve("cdk.out").toString())
                .context(Map.of(
                        "@aws-cdk/aws-iam:minimizePolicies", true, "@aws-cdk/core:enablePartitionLiterals", true))
                .build());
        DialogStack stack = new DialogStack(
                app,
                "ai-dialog-test",
                new CloudSettings(
                        "test",
                        List.of(new Cidr("192.168.1.0/24"), new Cidr("2001:db8::/32")),
                        URI.create("https://models.example.test"),
                        List.of("ann", "bob"),
                        artefact,
                        50,
                        100,
                        1024,
                        30));
        Aspects.of(stack).add(new AwsSolutionsChecks());
        template = Template.fromStack(stack);
        findings = Annotations.fromStack(stack);
    }

    @Test
    void everyAddressOutsideTheRangesIsDenied() {
        template.hasResourceProperties(
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
        template.hasResourceProperties(
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
        Map<String, Map<String, Object>> stages = template.findResources("AWS::ApiGateway::Stage");
        assertThat(stages.toString().toLowerCase(Locale.ROOT)).doesNotContain("authorization");
    }

    @Test
    void theFunctionsRunOnJava25FromOneArtefactEachFixedByItsHandler() {
        template.resourceCountIs("AWS::Lambda::Function", 5);
        for (String name : List.of("Chat", "Token", "Models", "Health")) {
            template.hasResourceProperties(
                    "AWS::Lambda::Function",
                    Map.of(
                            "Handler",
                            "ai.dialog.functions.aws." + name + "Handler",
                            "Runtime",
                            "java25",
                            "MemorySize",
                            1024,
                            "Timeout",
                            29,
                            "Environment",
                            Match.objectLike(Map.of(
                                    "Variables",
                                    Match.objectLike(Map.of("INFERENCE_URL", "https://models.example.test"))))));
        }
    }

    @Test
    void aFunctionKnowsTheNamesOfTheSecretsThatItNeedsAndNoValue() {
        assertThat(secretsOf("Chat")).containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN");
        assertThat(secretsOf("Models")).containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN");
        assertThat(secretsOf("Token")).containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "SIGNING_KEYS_SECRET_ARN");
        assertThat(secretsOf("Rotation"))
                .containsExactlyInAnyOrder("API_KEYS_SECRET_ARN", "SIGNING_KEYS_SECRET_ARN", "PUBLIC_KEYS_SECRET_ARN");
        assertThat(secretsOf("Health")).isEmpty();
        assertThat(template.toJSON().toString()).doesNotContain("{{resolve:secretsmanager");
        assertThat(template.findResources("AWS::Lambda::Function").toString()).doesNotContain("API_KEY=");
    }

    /** The variables that name secrets; each must be a reference to one. */
    private static List<String> secretsOf(String function) {
        Map<?, ?> resource = template.findResources(
                        "AWS::Lambda::Function",
                        Map.of("Properties", Map.of("Handler", "ai.dialog.functions.aws." + function + "Handler")))
                .values()
                .iterator()
                .next();
        var variables = (Map<?, ?>) at(at(at(resource, "Properties"), "Environment"), "Variables");
        return variables.entrySet().stream()
                .filter(variable -> variable.getKey().toString().endsWith("_SECRET_ARN"))
                .filter(variable -> at(variable.getValue(), "Ref").toString().startsWith("Secrets"))
                .map(variable -> variable.getKey().toString())
                .toList();
    }

    private static Object at(Object object, String name) {
        return Objects.requireNonNull(((Map<?, ?>) object).get(name));
    }

    @Test
    void eachFunctionMayReadWhatItNeedsAndOnlyTheRotationMayWriteOrReadACallersKey() {
        assertThat(secretsIn("Chat", "GetSecretValue")).containsExactlyInAnyOrder("ApiKeys", "PublicKeys");
        assertThat(secretsIn("Models", "GetSecretValue")).containsExactlyInAnyOrder("ApiKeys", "PublicKeys");
        assertThat(secretsIn("Token", "GetSecretValue")).containsExactlyInAnyOrder("ApiKeys", "SigningKeys");
        assertThat(secretsIn("Rotation", "PutSecretValue"))
                .containsExactlyInAnyOrder("ApiKeys", "PublicKeys", "SigningKeys", "Callerann", "Callerbob");
        for (String name : List.of("Chat", "Models", "Token", "Health")) {
            assertThat(secretsIn(name, "PutSecretValue")).isEmpty();
        }
        assertThat(secretsIn("Health", "GetSecretValue")).isEmpty();
    }

    /** The secrets in those statements of a role's policy that allow an action. */
    private static Set<String> secretsIn(String role, String action) {
        Set<String> secrets = new TreeSet<>();
        template.findResources("AWS::IAM::Policy").forEach((id, policy) -> {
            if (!id.startsWith("Functions" + role + "Role")) {
                return;
            }
            var document = at(at(policy, "Properties"), "PolicyDocument");
            for (Object statement : (List<?>) at(document, "Statement")) {
                if (at(statement, "Action").toString().contains("secretsmanager:" + action)) {
                    var named = Pattern.compile("Ref=Secrets([A-Za-z]+?)[0-9A-F]{8}")
                            .matcher(at(statement, "Resource").toString());
                    while (named.find()) {
                        secrets.add(named.group(1));
                    }
                }
            }
        });
        return secrets;
    }

    @Test
    void callersSecretsAndTheSigningKeysAreRotatedWellBeforeAKeyEnds() {
        template.resourceCountIs("AWS::SecretsManager::RotationSchedule", 3);
        template.allResourcesProperties(
                "AWS::SecretsManager::RotationSchedule",
                Match.objectLike(Map.of(
                        "RotateImmediatelyOnUpdate",
                        true,
                        "RotationRules",
                        Map.of("AutomaticallyAfterDays", 80),
                        "RotationLambdaARN",
                        Match.objectLike(Map.of(
                                "Fn::GetAtt", Match.arrayWith(List.of(Match.stringLikeRegexp("Rotation.*"))))))));
        template.hasResourceProperties(
                "AWS::Lambda::Permission",
                Map.of("Principal", "secretsmanager.amazonaws.com", "SourceAccount", Map.of("Ref", "AWS::AccountId")));
        template.hasResourceProperties(
                "AWS::Lambda::Function", Map.of("Handler", "ai.dialog.functions.aws.RotationHandler", "Timeout", 300));
    }

    @Test
    void theSecretsBeginWithNothingThatOpensAnythingUnderAKeyOfTheirOwn() {
        template.resourceCountIs("AWS::SecretsManager::Secret", 5);
        template.allResourcesProperties(
                "AWS::SecretsManager::Secret", Match.objectLike(Map.of("KmsKeyId", Match.anyValue())));
        template.hasResourceProperties("AWS::KMS::Key", Map.of("EnableKeyRotation", true));
        template.findResources("AWS::SecretsManager::Secret").values().forEach(secret -> {
            var properties = (Map<?, ?>) at(secret, "Properties");
            if (properties.containsKey("SecretString")) {
                assertThat(properties.get("SecretString")).isEqualTo("{\"keys\":[]}");
            }
        });
        template.hasResourceProperties(
                "AWS::SecretsManager::Secret",
                Map.of(
                        "GenerateSecretString",
                        Map.of("SecretStringTemplate", "{\"owner\":\"ann\"}", "GenerateStringKey", "api_key")));
    }

    @Test
    void theKeysAndWhatTheyHaveUsedOutliveTheStack() {
        for (String type : List.of("AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::DynamoDB::Table")) {
            template.allResources(type, Map.of("DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain"));
        }
    }

    @Test
    void whatIsUsedIsCountedInATableThatOnlyTheChatFunctionCanWrite() {
        template.hasResourceProperties(
                "AWS::DynamoDB::Table",
                Map.of(
                        "KeySchema",
                        List.of(Map.of("AttributeName", "account", "KeyType", "HASH")),
                        "TimeToLiveSpecification",
                        Map.of("AttributeName", "expires", "Enabled", true),
                        "BillingMode",
                        "PAY_PER_REQUEST"));
        assertThat(template.findResources("AWS::IAM::Policy").entrySet().stream()
                        .filter(policy -> policy.getValue().toString().contains("dynamodb:"))
                        .map(Map.Entry::getKey))
                .singleElement()
                .asString()
                .startsWith("FunctionsChatRole");
    }

    @Test
    void onlyTheServicesOwnPathsAreRouted() {
        template.resourceCountIs("AWS::ApiGateway::Method", 8);
        for (String part : List.of(
                "v1", "chat", "completions", "tokens", "models", "{id+}", "health", "jwks.json", "openapi.json")) {
            template.hasResourceProperties("AWS::ApiGateway::Resource", Map.of("PathPart", part));
        }
        template.allResourcesProperties(
                "AWS::ApiGateway::Method", Match.objectLike(Map.of("HttpMethod", Match.not("ANY"))));
    }

    @Test
    void everyLogIsKeptForTheTimeThatIsSet() {
        template.resourceCountIs("AWS::Logs::LogGroup", 6);
        template.allResourcesProperties("AWS::Logs::LogGroup", Map.of("RetentionInDays", 30));
    }

    @Test
    void theTemplateNamesNoAccountAndNoRegion() {
        assertThat(template.toJSON().toString()).doesNotContainPattern("[^0-9][0-9]{12}[^0-9]");
        assertThat(template.toJSON().toString()).doesNotContainPattern("(us|eu|ap)-[a-z]+-[0-9]");
    }

    @Test
    void noRuleOfAwsSolutionsIsLeftUnanswered() {
        findings.hasNoError("*", Match.stringLikeRegexp("AwsSolutions-.*"));
        findings.hasNoWarning("*", Match.stringLikeRegexp("AwsSolutions-.*"));
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
