package ai.dialog.functions.aws.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TierSettingsTest {

    @Test
    void allThreeAreRead() {
        assertThat(TierSettings.from(Map.of(
                        "TIER_CLUSTER", "ai-dialog-dev",
                        "TIER_SERVICE", " arn:aws:ecs:eu-central-1:123456789012:service/ai-dialog-dev/models ",
                        "TIER_START_SECONDS", "240")::get))
                .isEqualTo(new TierSettings(
                        "ai-dialog-dev",
                        "arn:aws:ecs:eu-central-1:123456789012:service/ai-dialog-dev/models",
                        Duration.ofMinutes(4)));
    }

    @Test
    void withoutAnyNothingIsStarted() {
        assertThat(TierSettings.from(name -> null)).isNull();
        assertThat(TierSettings.from(name -> " ")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TIER_CLUSTER", "TIER_SERVICE", "TIER_START_SECONDS"})
    void oneAloneIsRefused(String name) {
        assertThatIllegalStateException()
                .isThrownBy(() -> TierSettings.from(Map.of(name, "60")::get))
                .withMessageContaining("all be set");
    }

    @ParameterizedTest
    @CsvSource({
        "a b, s, 60, TIER_CLUSTER",
        "c, '{}', 60, TIER_SERVICE",
        "c, s, 9, TIER_START_SECONDS",
        "c, s, 3601, TIER_START_SECONDS",
        "c, s, -60, TIER_START_SECONDS",
        "c, s, 1e2, TIER_START_SECONDS",
        "c, s, 99999999999999999999, TIER_START_SECONDS"
    })
    void whatIsWrongIsRefusedByName(String cluster, String service, String seconds, String named) {
        assertThatIllegalStateException()
                .isThrownBy(() -> TierSettings.from(
                        Map.of("TIER_CLUSTER", cluster, "TIER_SERVICE", service, "TIER_START_SECONDS", seconds)::get))
                .withMessageStartingWith(named);
    }
}
