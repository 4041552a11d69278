package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class FunctionsTest {

    private static final Stacks.Built PROD = Stacks.prod();
    private static final List<String> MANAGED = List.of("Token", "Models", "Health");

    @Test
    void chatStreamsFromARuntimeOfOurOwn() {
        String here = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64";
        assertThat(PROD.only("AWS::Lambda::Function", "FunctionsChat").toString())
                .contains("Runtime=provided.al2023", "Handler=bootstrap", "Timeout=900", "Architectures=[" + here + "]")
                .doesNotContain("SnapStart", "JAVA_TOOL_OPTIONS");
    }

    @Test
    void theOthersRunOnJava25FromOneArtefactEachFixedByItsHandlerAndStartFromASnapshot() {
        for (String name : MANAGED) {
            PROD.template()
                    .hasResourceProperties(
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
                                    "SnapStart",
                                    Map.of("ApplyOn", "PublishedVersions")));
        }
    }

    @Test
    void aBufferedChatIsOneOfThemWithoutASnapshotWhereThatIsSet() {
        Template template = Stacks.external().template();
        template.hasResourceProperties(
                "AWS::Lambda::Function",
                Map.of(
                        "Handler",
                        "ai.dialog.functions.aws.ChatHandler",
                        "Runtime",
                        "java25",
                        "SnapStart",
                        Match.absent(),
                        "Environment",
                        Match.objectLike(
                                Map.of("Variables", Match.objectLike(Map.of("REQUEST_TIMEOUT_SECONDS", "25"))))));
        template.resourcePropertiesCountIs("AWS::Lambda::Function", Map.of("Runtime", "provided.al2023"), 0);
    }

    @Test
    void callersHaveAPublishedVersionOfEach() {
        PROD.template().resourceCountIs("AWS::Lambda::Version", 4);
        PROD.template().resourceCountIs("AWS::Lambda::Alias", 4);
        PROD.template().allResourcesProperties("AWS::Lambda::Alias", Match.objectLike(Map.of("Name", "live")));
    }

    @Test
    void whoAsksTheModelServerIsInTheNetworkAndNobodyElse() {
        for (String name : List.of("Chat", "Models", "Health")) {
            assertThat(at(PROD.only("AWS::Lambda::Function", "Functions" + name), "VpcConfig", "SecurityGroupIds")
                            .toString())
                    .contains("NetworkFunctions");
        }
        for (String name : List.of("Token", "Rotation")) {
            assertThat(PROD.only("AWS::Lambda::Function", "Functions" + name).containsKey("VpcConfig"))
                    .as(name)
                    .isFalse();
        }
    }

    @Test
    void chatKnowsTheTierAndMayStartThatOneServiceAndNoOther() {
        Map<?, ?> variables =
                (Map<?, ?>) at(PROD.only("AWS::Lambda::Function", "FunctionsChat"), "Environment", "Variables");
        assertThat(at(variables, "TIER_START_SECONDS")).isEqualTo("480");
        assertThat(at(variables, "TIER_CLUSTER").toString()).contains("TierCluster");
        assertThat(at(variables, "TIER_SERVICE").toString()).contains("TierService");
        assertThat(at(variables, "REQUEST_TIMEOUT_SECONDS")).isEqualTo("896");
        Map<?, ?> waking = Policies.allowing(PROD, "FunctionsChatRole", "ecs:UpdateService");
        assertThat(Policies.list(at(waking, "Action")))
                .containsExactlyInAnyOrder("ecs:DescribeServices", "ecs:UpdateService");
        assertThat(at(waking, "Resource").toString())
                .contains(":service/", "TierCluster", "TierService")
                .doesNotContain("*");
        assertThat(Policies.actions(PROD, "FunctionsHealthRole"))
                .contains("ecs:DescribeServices")
                .doesNotContain("ecs:UpdateService");
        assertThat(Policies.actions(PROD, "FunctionsTokenRole")).noneMatch(action -> action.startsWith("ecs:"));
    }

    @Test
    void aFunctionMayHaveAnInterfaceInTheNetworkAndWhatRunsInItMayMakeNone() {
        assertThat(Policies.statements(PROD, "FunctionsChatRole").toString())
                .contains("Effect=Deny", "lambda:SourceFunctionArn=false");
        assertThat(Policies.actions(PROD, "FunctionsTokenRole")).noneMatch(action -> action.startsWith("ec2:"));
    }

    @Test
    void noActionOfAFunctionIsAWildcard() {
        for (String name : List.of("Chat", "Token", "Models", "Health", "Rotation")) {
            assertThat(Policies.actions(PROD, "Functions" + name + "Role"))
                    .isNotEmpty()
                    .noneMatch(action -> action.contains("*"));
        }
    }

    @Test
    void whereTheServerIsElsewhereNothingIsThereToBeWoken() {
        Stacks.Built external = Stacks.external();
        assertThat(external.only("AWS::Lambda::Function", "FunctionsChat").toString())
                .contains("INFERENCE_URL=https://models.example.test")
                .doesNotContain("TIER_", "VpcConfig", "LIMITS_TABLE");
    }
}
