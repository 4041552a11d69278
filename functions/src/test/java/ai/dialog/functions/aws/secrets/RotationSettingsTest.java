package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationSettingsTest {

    @Test
    void aWeekOfGraceAnHourOfHeadStartAndAMinuteOfWaitingUnlessSet() {
        var settings = read(Map.of("API_KEYS_SECRET_ARN", "arn:keys"));
        assertThat(settings)
                .isEqualTo(new RotationSettings(
                        "arn:keys", null, null, Duration.ofDays(7), Duration.ofHours(1), Duration.ofMinutes(1)));
    }

    @Test
    void theSecretOfHashesMustBeNamed() {
        assertThatIllegalStateException().isThrownBy(() -> read(Map.of())).withMessageContaining("API_KEYS_SECRET_ARN");
    }

    @ParameterizedTest
    @CsvSource({
        "SIGNING_KEYS_SECRET_ARN, arn:pairs",
        "PUBLIC_KEYS_SECRET_ARN, arn:public",
        "ROTATION_GRACE_SECONDS, a week",
        "ROTATION_GRACE_SECONDS, -1",
        "ROTATION_GRACE_SECONDS, 99999999",
        "SIGNING_HEAD_START_SECONDS, 9999999999999",
        "ROTATION_PROPAGATION_SECONDS, 601"
    })
    void whatMakesNoSenseIsRefusedByName(String name, String value) {
        var variables = new HashMap<>(Map.of("API_KEYS_SECRET_ARN", "arn:keys"));
        variables.put(name, value);
        assertThatIllegalStateException().isThrownBy(() -> read(variables)).withMessageContaining(name);
    }

    private static RotationSettings read(Map<String, String> variables) {
        return RotationSettings.from(variables::get);
    }
}
