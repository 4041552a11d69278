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
    void fourFunctionsRunOnJava25FromOneArtefactEachFixedByItsHandler() {
        template.resourceCountIs("AWS::Lambda::Function", 4);
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
    void aFunctionKnowsTheNameOfTheSecretAndNeverItsValue() {
        template.hasResourceProperties(
                "AWS::Lambda::Function",
                Map.of(
                        "Handler",
                        "ai.dialog.functions.aws.ChatHandler",
                        "Environment",
                        Map.of(
                                "Variables",
                                Match.objectLike(Map.of(
                                        "API_KEYS_SECRET_ARN",
                                        Map.of("Ref", Match.stringLikeRegexp("ApiKeysSecret.*")))))));
        String whole = template.toJSON().toString();
        assertThat(whole).doesNotContain("{{resolve:secretsmanager").doesNotContainPattern("[ {]SecretString=");
        assertThat(template.findResources("AWS::Lambda::Function").toString()).doesNotContain("API_KEY=");
    }

    @Test
    void onlyFunctionsThatCheckCallersMayReadTheKeys() {
        Map<String, Map<String, Object>> policies = template.findResources("AWS::IAM::Policy");
        List<String> readers = policies.entrySet().stream()
                .filter(policy -> policy.getValue().toString().contains("secretsmanager:GetSecretValue"))
                .map(Map.Entry::getKey)
                .toList();
        assertThat(readers).hasSize(3).noneMatch(name -> name.contains("Health"));
    }

    @Test
    void theKeysOutliveTheStack() {
        template.hasResource(
                "AWS::SecretsManager::Secret", Map.of("DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain"));
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
        template.resourceCountIs("AWS::Logs::LogGroup", 5);
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
