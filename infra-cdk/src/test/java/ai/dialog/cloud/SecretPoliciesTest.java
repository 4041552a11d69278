package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;

class SecretPoliciesTest {

    private static final Stacks.Built PROD = Stacks.prod();

    @Test
    void everySecretHasAPolicyThatCannotMakeItPublic() {
        PROD.template().resourceCountIs("AWS::SecretsManager::ResourcePolicy", 5);
        PROD.template()
                .allResourcesProperties(
                        "AWS::SecretsManager::ResourcePolicy", Match.objectLike(Map.of("BlockPublicPolicy", true)));
    }

    @Test
    void hashesAreReadByTheFunctionsThatCheckThemAndChangedByTheRotationAlone() {
        assertThat(exempt("ApiKeys", "GetSecretValue"))
                .contains("FunctionsChatRole", "FunctionsModelsRole", "FunctionsTokenRole", "FunctionsRotationRole")
                .doesNotContain("FunctionsHealthRole");
        assertThat(exempt("ApiKeys", "PutSecretValue"))
                .contains("FunctionsRotationRole")
                .doesNotContain("FunctionsChatRole", "FunctionsTokenRole");
    }

    @Test
    void signingKeysAreReadByWhoMakesTokensAndNobodyWhoChecksThem() {
        assertThat(exempt("SigningKeys", "GetSecretValue"))
                .contains("FunctionsTokenRole", "FunctionsRotationRole")
                .doesNotContain("FunctionsChatRole", "FunctionsModelsRole");
    }

    @Test
    void theModelServersKeyIsReadByWhoCallsItAndByTheRolesThatStartItsTasks() {
        assertThat(exempt("InferenceKey", "GetSecretValue"))
                .contains("FunctionsChatRole", "TierTaskExecutionRole", "TierSmokeTaskExecutionRole")
                .doesNotContain("FunctionsTokenRole", "TierTaskRole");
    }

    @Test
    void aCallersKeyIsReadByNobodyOfAnotherAccountAndChangedByTheRotation() {
        List<?> statements = statements("Callerfirst");
        assertThat(statements.toString()).contains("aws:PrincipalAccount={Ref=AWS::AccountId}");
        assertThat(exempt("Callerfirst", "PutSecretValue")).contains("FunctionsRotationRole");
    }

    @Test
    void theAccountsRootIsNeverLockedOutAndWhoDeploysCanAlwaysChangeThePolicy() {
        PROD.template().findResources("AWS::SecretsManager::ResourcePolicy").forEach((id, policy) -> {
            for (Object statement : (List<?>) at(policy, "Properties", "ResourcePolicy", "Statement")) {
                assertThat(at(statement, "Effect")).isEqualTo("Deny");
                assertThat(Policies.list(at(statement, "Action")))
                        .isSubsetOf(
                                "secretsmanager:GetSecretValue",
                                "secretsmanager:PutSecretValue",
                                "secretsmanager:UpdateSecret",
                                "secretsmanager:UpdateSecretVersionStage");
                if (at(statement, "Condition").toString().contains("PrincipalArn")) {
                    assertThat(at(statement, "Condition").toString()).contains(":root", ":role/cdk-*-cfn-exec-role-");
                }
            }
        });
    }

    @Test
    void noActionThatWritesAValueIsLeftOut() {
        for (String secret : List.of("ApiKeys", "PublicKeys", "SigningKeys", "Callerfirst")) {
            for (String action : List.of("PutSecretValue\\b", "UpdateSecret\\b", "UpdateSecretVersionStage\\b")) {
                assertThat(statements(secret))
                        .anySatisfy(
                                statement -> assertThat(at(statement, "Action").toString())
                                        .containsPattern("secretsmanager:" + action));
            }
        }
    }

    @Test
    void operatorsAreLetInByTheirRolesNames() {
        Stacks.Built operated = Stacks.with(
                Map.of("inferenceUrl", "https://models.example.test", "operatorRoles", "Admin,aws-reserved/*/Keys_*"));
        operated.template()
                .hasResourceProperties(
                        "AWS::SecretsManager::ResourcePolicy",
                        Map.of("ResourcePolicy", Match.objectLike(Map.of("Statement", Match.anyValue()))));
        assertThat(operated.template()
                        .findResources("AWS::SecretsManager::ResourcePolicy")
                        .toString())
                .contains(":role/Admin", ":role/aws-reserved/*/Keys_*");
    }

    private static String exempt(String secret, String action) {
        return statements(secret).stream()
                .filter(statement -> at(statement, "Action").toString().contains(action))
                .map(statement -> at(statement, "Condition", "ArnNotLike", "aws:PrincipalArn")
                        .toString())
                .findFirst()
                .orElseThrow();
    }

    private static List<?> statements(String secret) {
        return (List<?>) at(
                PROD.only("AWS::SecretsManager::ResourcePolicy", "SecretPolicies" + secret),
                "ResourcePolicy",
                "Statement");
    }
}
