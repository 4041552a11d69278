package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "http://h:18789, http://h:18789/v1/models",
        "http://h:18789/, http://h:18789/v1/models",
        "https://h/v1, https://h/v1/models",
        "https://h/v1/, https://h/v1/models",
        "https://h/engine/v1, https://h/engine/v1/models",
        "http://[::1]:8000, http://[::1]:8000/v1/models"
    })
    void theAddressMayEndInASlashOrInTheVersion(String base, String models) {
        RemoteSettings settings = RemoteSettings.of(URI.create(base), RemoteSettings.Bearer.NONE);
        assertThat(settings.resource("/v1/models")).hasToString(models);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://h", "file:///etc/passwd", "h:18789", "/v1", "http:///v1", "http://h?x=1", "http://h#x"})
    void otherAddressesAreRefused(String base) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RemoteSettings.of(URI.create(base), RemoteSettings.Bearer.NONE))
                .withMessageContaining("the inference address must");
    }

    @Test
    void aPasswordInTheAddressIsRefusedWithoutRepeatingIt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RemoteSettings.of(URI.create("http://user:hunter2@h"), RemoteSettings.Bearer.NONE))
                .withMessageContaining("user name or password")
                .withMessageNotContaining("hunter2");
    }

    @Test
    void timeoutsAndRetriesAreBounded() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoteSettings.Timeouts(second, Duration.ZERO, second, second))
                .withMessageContaining("firstToken");
        assertThatIllegalArgumentException().isThrownBy(() -> new RemoteSettings.Retries(0, second));
        assertThatIllegalArgumentException().isThrownBy(() -> new RemoteSettings.Retries(11, second));
    }
}
