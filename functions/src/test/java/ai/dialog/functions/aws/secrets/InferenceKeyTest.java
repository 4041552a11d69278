package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.inference.InferenceException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model server's key, kept in a secret. */
class InferenceKeyTest {

    private static final String ARN = "arn:inference-key";
    private static final Duration LONG = Duration.ofSeconds(30);

    private final MovableClock clock = new MovableClock();
    private final FakeSecretsManager secrets = new FakeSecretsManager(clock);

    private InferenceKey open(String text) {
        secrets.create(ARN, text);
        return InferenceKey.open(secrets, ARN, Freshness.DEFAULT, clock);
    }

    @Test
    void theSecretIsTheKey() {
        assertThat(open("sk-upstream-0123456789\n").text()).isEqualTo("sk-upstream-0123456789");
    }

    @Test
    void aRotatedKeyIsTakenUpWithinAMinute() {
        var key = open("sk-old");
        assertThat(key.text()).isEqualTo("sk-old");
        secrets.create(ARN, "sk-new");
        assertThat(key.text()).isEqualTo("sk-old");
        clock.forward(Duration.ofSeconds(51));
        assertThat(key.text()).isEqualTo("sk-new");
    }

    @Test
    void anOutageIsLivedThroughForAnHour() {
        var key = open("sk-old");
        assertThat(key.text()).isEqualTo("sk-old");
        secrets.setDown(true);
        clock.forward(Duration.ofMinutes(59));
        assertThat(key.text()).isEqualTo("sk-old");
        clock.forward(Duration.ofMinutes(2));
        assertUnavailable(key);
        secrets.setDown(false);
        clock.forward(Duration.ofMinutes(1));
        await().atMost(LONG).untilAsserted(() -> assertThat(key.text()).isEqualTo("sk-old"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "two words", "{\"key\": \"x\"}\nmore", "schlüssel"})
    void whatCannotBeAKeyIsNotSent(String text) {
        assertUnavailable(open(text));
    }

    private static void assertUnavailable(InferenceKey key) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(key::text)
                .matches(failed -> failed.kind() == InferenceException.Kind.UNAVAILABLE)
                .withMessageNotContaining("arn:");
    }
}
