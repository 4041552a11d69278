package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.aws.secrets.Rotation;
import ai.dialog.functions.aws.secrets.RotationSettings;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;

class RotationHandlerTest {

    private final RotationHandler handler = new RotationHandler(new Rotation(
            new NothingRotates(),
            new RotationSettings("arn:keys", null, null, Duration.ZERO, Duration.ZERO, Duration.ZERO),
            InstantSource.system()));

    @Test
    void theStepOfTheEventIsDone() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        handle("{\"Step\":\"createSecret\",\"SecretId\":\"arn:caller\",\"ClientRequestToken\":\"v1\"}"))
                .withMessage("The secret arn:caller is not set up for rotation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "{\"Step\":1,\"SecretId\":\"arn:caller\"}",
                "{\"Step\":\"createSecret\",\"SecretId\":\"\",\"ClientRequestToken\":\"v1\"}"
            })
    void anEventOfAnotherKindIsRefused(String event) {
        assertThatIllegalStateException().isThrownBy(() -> handle(event)).withMessageContaining("none of a rotation");
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> handle("{\"Step\":")).isInstanceOf(RuntimeException.class);
    }

    private void handle(String event) throws Exception {
        handler.handleRequest(
                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
                OutputStream.nullOutputStream(),
                null);
    }

    /** A secret for which nobody set up a rotation. */
    private static final class NothingRotates implements SecretsManagerClient {
        @Override
        public DescribeSecretResponse describeSecret(DescribeSecretRequest request) {
            return DescribeSecretResponse.builder().arn(request.secretId()).build();
        }

        @Override
        public String serviceName() {
            return "secretsmanager";
        }

        @Override
        public void close() {}
    }
}
