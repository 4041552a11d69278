package ai.dialog.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

class CloudSettingsTest {

    @BeforeAll
    static void needsNode() {
        NodeJs.require();
    }

    @Test
    void contextFromTheCommandLineIsRead() {
        CloudSettings settings = read(
                Map.of("stage", "prod", "allowedCidrs", "192.168.1.0/24, 2001:db8::/32", "requestsPerSecond", "7"));
        assertThat(settings.stage()).isEqualTo("prod");
        assertThat(settings.allowedCidrs()).containsExactly(new Cidr("192.168.1.0/24"), new Cidr("2001:db8::/32"));
        assertThat(settings.requestsPerSecond()).isEqualTo(7);
        assertThat(settings.burst()).isEqualTo(100);
        assertThat(settings.callers()).containsExactly("first");
        assertThat(settings.functionsArtefact()).isEqualTo(Path.of("../functions/target/functions-lambda.zip"));
    }

    @Test
    void contextFromCdkJsonMayHoldListsAndNumbers() {
        CloudSettings settings =
                read(Map.of("allowedCidrs", List.of("10.0.0.0/8", "203.0.113.45/32"), "memoryMib", 2048));
        assertThat(settings.allowedCidrs()).hasSize(2);
        assertThat(settings.memoryMib()).isEqualTo(2048);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allowedCidrs|''|at least one range must be given",
                "allowedCidrs|,|at least one range must be given",
                "allowedCidrs|10.0.0.0/99|length from 0 to 32",
                "callers|Ann|callers: 'Ann' must be",
                "callers|ann,ann|each once",
                "stage|Prod!|stage: 'Prod!'",
                "inferenceUrl|''|inferenceUrl: must be given",
                "inferenceUrl|ftp://h|must be http:// or https://",
                "inferenceUrl|http://u:hunter2@h|must not hold a user name or password",
                "requestsPerSecond|0|from 1 to 10000",
                "burst|many|is no whole number",
                "memoryMib|64|from 512 to 10240",
                "logRetentionDays|31|is none of"
            })
    void settingsThatMakeNoSenseAreRefusedByName(String name, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(Map.of(name, value)))
                .withMessageStartingWith(name + ":")
                .withMessageContaining(message)
                .withMessageNotContaining("hunter2");
    }

    private static CloudSettings read(Map<String, Object> context) {
        Map<String, Object> all =
                new HashMap<>(Map.of("allowedCidrs", "10.0.0.0/8", "inferenceUrl", "https://models.example.test"));
        all.putAll(context);
        return CloudSettings.from(new App(AppProps.builder().context(all).build()).getNode());
    }
}
