package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Cidr;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class LambdaSettingsTest {

    @TempDir
    private Path folder;

    @Test
    void theEnvironmentIsReadAndSecretsAreNotShown() {
        LambdaSettings settings = read(Map.of(
                "INFERENCE_URL", "http://m:18789",
                "INFERENCE_API_KEY", "hunter2-upstream",
                "API_KEY", "hunter2-caller",
                "KEYS_FOLDER", "/keys",
                "REQUEST_TIMEOUT_SECONDS", "7"));
        assertThat(settings.keys())
                .isEqualTo(new LambdaSettings.Keys.InFolder(Path.of("/keys"), "hunter2-caller", null));
        assertThat(settings.remote().timeouts().whole()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.remote().bearer().token()).isEqualTo("hunter2-upstream");
        assertThat(settings + " " + settings.keys()).doesNotContain("hunter2");
    }

    @Test
    void withoutAModelServerNothingStarts() {
        assertThatIllegalStateException().isThrownBy(() -> read(Map.of())).withMessageContaining("INFERENCE_URL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1000", "soon", "99999999999"})
    void aTimeoutOutOfRangeIsRefused(String seconds) {
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of("INFERENCE_URL", "http://m", "REQUEST_TIMEOUT_SECONDS", seconds)))
                .withMessageContaining("REQUEST_TIMEOUT_SECONDS");
    }

    @Test
    void addressesAreAListOfRanges() {
        assertThat(read(Map.of("INFERENCE_URL", "http://m")).allowed()).isNull();
        assertThat(read(Map.of("INFERENCE_URL", "http://m", "ALLOWED_CIDRS", "192.0.2.0/24, 2001:db8::/32"))
                        .allowed())
                .containsExactly(Cidr.of("192.0.2.0/24"), Cidr.of("2001:db8::/32"));
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of("INFERENCE_URL", "http://m", "ALLOWED_CIDRS", "192.0.2.1/24")))
                .withMessageContaining("ALLOWED_CIDRS");
    }

    @Test
    void originsAreAListAndNoneUnlessSet() {
        assertThat(read(Map.of("INFERENCE_URL", "http://m")).corsOrigins()).isEmpty();
        var settings = read(
                Map.of("INFERENCE_URL", "http://m", "CORS_ORIGINS", "https://chat.example.org, http://localhost:3000"));
        assertThat(new LambdaApplication().gatewaySettings(settings).corsOrigins())
                .containsExactlyInAnyOrder("https://chat.example.org", "http://localhost:3000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "https://chat.example.org/",
                "https://Chat.example.org",
                "https://chat.example.org:443",
                "chat.example.org",
                "null",
                "https://chat.example.org,",
                "https://chat.example.org,*"
            })
    void whatIsNoOriginIsRefusedAsOnTheCommandLine(String origins) {
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of("INFERENCE_URL", "http://m", "CORS_ORIGINS", origins)))
                .withMessageStartingWith("CORS_ORIGINS: ");
    }

    @Test
    void asManyOriginsAsOnTheCommandLineAndNoMore() {
        String many = "http://h" + ",http://h".repeat(Cidr.MAX_RANGES);
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of("INFERENCE_URL", "http://m", "CORS_ORIGINS", many)))
                .withMessageContaining("at most 1000");
    }

    @Test
    void aFolderWithoutKeysDoesNotGetOneThatNobodyIsShown() {
        LambdaSettings settings = read(Map.of("INFERENCE_URL", "http://m", "KEYS_FOLDER", folder.toString()));
        assertThatIllegalStateException()
                .isThrownBy(() -> new LambdaApplication().access(settings))
                .withMessageContaining("api-keys.json");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void secretsAreNamedByTheirArnsAndTheLastGoodCopyServesForAnHourUnlessSet() {
        var arns = Map.of(
                "INFERENCE_URL", "http://m",
                "API_KEYS_SECRET_ARN", "arn:keys",
                "SIGNING_KEYS_SECRET_ARN", "arn:pairs",
                "PUBLIC_KEYS_SECRET_ARN", "arn:public");
        assertThat(read(arns).keys())
                .isEqualTo(
                        new LambdaSettings.Keys.InSecrets("arn:keys", "arn:pairs", "arn:public", Duration.ofHours(1)));
        var shorter = new HashMap<>(arns);
        shorter.put("KEYS_OUTAGE_SECONDS", "600");
        assertThat(read(shorter).keys())
                .isEqualTo(new LambdaSettings.Keys.InSecrets(
                        "arn:keys", "arn:pairs", "arn:public", Duration.ofMinutes(10)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "59", "86401", "-60", "an hour"})
    void anOutageBoundThatMakesNoSenseIsRefused(String seconds) {
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of(
                        "INFERENCE_URL",
                        "http://m",
                        "API_KEYS_SECRET_ARN",
                        "arn:keys",
                        "KEYS_OUTAGE_SECONDS",
                        seconds)))
                .withMessageContaining("KEYS_OUTAGE_SECONDS");
    }

    @Test
    void theModelServersKeyIsGivenOrInASecretAndNotBoth() {
        var both = Map.of(
                "INFERENCE_URL", "http://m",
                "INFERENCE_API_KEY", "hunter2",
                "INFERENCE_KEY_SECRET_ARN", "arn:inference-key");
        assertThatIllegalStateException()
                .isThrownBy(() -> read(both))
                .withMessageContainingAll("INFERENCE_API_KEY", "INFERENCE_KEY_SECRET_ARN")
                .withMessageNotContaining("hunter2");
        var settings = read(Map.of("INFERENCE_URL", "http://m", "INFERENCE_KEY_SECRET_ARN", "arn:inference-key"));
        assertThat(settings.inferenceKeyArn()).isEqualTo("arn:inference-key");
    }

    @Test
    void withoutKeysNobodyIsKnown() {
        var access = new LambdaApplication().access(read(Map.of("INFERENCE_URL", "http://m")));
        assertThatExceptionOfType(AccessException.class)
                .isThrownBy(() -> access.authenticate(
                        Map.of("authorization", List.of("Bearer sk-any-0123456789abcdef")),
                        InetAddress.getLoopbackAddress()));
    }

    private static LambdaSettings read(Map<String, String> variables) {
        MockEnvironment environment = new MockEnvironment();
        variables.forEach(environment::setProperty);
        return LambdaSettings.from(environment);
    }
}
