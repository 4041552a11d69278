package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.KeyLifecycle;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the rotation function is told by its environment.
 *
 * @param apiKeysArn {@code API_KEYS_SECRET_ARN}: the secret with the hashes of all API keys
 * @param signingKeysArn {@code SIGNING_KEYS_SECRET_ARN}: the secret with the key pairs of tokens; null where there is none
 * @param publicKeysArn {@code PUBLIC_KEYS_SECRET_ARN}: the secret with their public halves
 * @param grace {@code ROTATION_GRACE_SECONDS}, a week unless set: how long a key stays good beside its successor
 * @param headStart {@code SIGNING_HEAD_START_SECONDS}, an hour unless set: how long a new key pair is published before it
 *     signs, for verifiers that keep what {@code /.well-known/jwks.json} said
 * @param propagation {@code ROTATION_PROPAGATION_SECONDS}, 60 unless set: in how long a change is known everywhere
 */
public record RotationSettings(
        String apiKeysArn,
        @Nullable String signingKeysArn,
        @Nullable String publicKeysArn,
        Duration grace,
        Duration headStart,
        Duration propagation) {

    public RotationSettings {
        if ((signingKeysArn == null) != (publicKeysArn == null)) {
            throw new IllegalStateException(
                    "SIGNING_KEYS_SECRET_ARN and PUBLIC_KEYS_SECRET_ARN must be set both, or none");
        }
    }

    /**
     * Reads and checks the environment.
     *
     * @param environment a variable's value by its name; null where it is not set
     * @throws IllegalStateException with the variable's name, where one is missing or makes no sense
     */
    public static RotationSettings from(UnaryOperator<@Nullable String> environment) {
        String apiKeys = given(environment, "API_KEYS_SECRET_ARN");
        if (apiKeys == null) {
            throw new IllegalStateException("API_KEYS_SECRET_ARN must be set to the secret of API keys");
        }
        return new RotationSettings(
                apiKeys,
                given(environment, "SIGNING_KEYS_SECRET_ARN"),
                given(environment, "PUBLIC_KEYS_SECRET_ARN"),
                seconds(environment, "ROTATION_GRACE_SECONDS", KeyLifecycle.DEFAULT_GRACE, KeyLifecycle.MAX_GRACE),
                seconds(environment, "SIGNING_HEAD_START_SECONDS", Duration.ofHours(1), JwkSet.MAX_HEAD_START),
                // a Lambda function has 15 minutes for it
                seconds(environment, "ROTATION_PROPAGATION_SECONDS", Duration.ofMinutes(1), Duration.ofMinutes(10)));
    }

    private static Duration seconds(
            UnaryOperator<@Nullable String> environment, String name, Duration otherwise, Duration most) {
        String text = given(environment, name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most.toSeconds()) {
            throw new IllegalStateException("%s must be from 0 to %d".formatted(name, most.toSeconds()));
        }
        return Duration.ofSeconds(Integer.parseInt(text));
    }

    private static @Nullable String given(UnaryOperator<@Nullable String> environment, String name) {
        String value = environment.apply(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
