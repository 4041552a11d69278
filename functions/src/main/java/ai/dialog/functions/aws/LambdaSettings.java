package ai.dialog.functions.aws;

import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.aws.secrets.Freshness;
import ai.dialog.functions.aws.secrets.InferenceKey;
import ai.dialog.functions.http.Origin;
import ai.dialog.functions.remote.RemoteSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * What a Lambda function is told by its environment. A secret's value is never among it in the cloud: only the secret's
 * ARN is. {@code API_KEY} and {@code INFERENCE_API_KEY} are for a machine of one's own (tests, {@code sam local}).
 *
 * @param inferenceUrl {@code INFERENCE_URL}: the model server
 * @param inferenceKey {@code INFERENCE_API_KEY}: the model server's credential; null for none
 * @param inferenceKeyArn {@code INFERENCE_KEY_SECRET_ARN}: the secret of AWS Secrets Manager that is that credential; null for none.
 *     Read again within a minute, so that a rotated one is taken up
 * @param model {@code INFERENCE_MODEL}: what to ask for where a request wants the default; null to leave it to the server
 * @param keys where the callers' keys are
 * @param requestTimeout {@code REQUEST_TIMEOUT_SECONDS}, 25 unless set: after this a generation ends with what it has. A
 *     gateway that waits for a whole answer gives up at 29 seconds, and then the caller has nothing; one that streams goes on for
 *     15 minutes, as Lambda does.
 * @param allowed {@code ALLOWED_CIDRS}: the addresses that may call, behind the gateway's own policy; null for every one
 * @param corsOrigins {@code CORS_ORIGINS}: the origins whose pages may read answers; empty for none
 */
record LambdaSettings(
        URI inferenceUrl,
        @Nullable String inferenceKey,
        @Nullable String inferenceKeyArn,
        @Nullable String model,
        Keys keys,
        Duration requestTimeout,
        @Nullable List<Cidr> allowed,
        Set<String> corsOrigins) {

    /** Where the callers' keys are. */
    sealed interface Keys {
        /**
         * In secrets of AWS Secrets Manager.
         *
         * @param apiKeysArn {@code API_KEYS_SECRET_ARN}: the hashes of the API keys
         * @param signingKeysArn {@code SIGNING_KEYS_SECRET_ARN}: the key pairs of tokens, for the function that makes them
         * @param publicKeysArn {@code PUBLIC_KEYS_SECRET_ARN}: their public halves, for the others
         * @param outage {@code KEYS_OUTAGE_SECONDS}, 3600 unless set: how long the last good copy is in force while Secrets
         *     Manager cannot be read
         */
        record InSecrets(
                String apiKeysArn,
                @Nullable String signingKeysArn,
                @Nullable String publicKeysArn,
                Duration outage) implements Keys {}

        /** Nothing is set: nobody is known, which is enough for health and refuses everything else. */
        record None() implements Keys {}

        /**
         * In files, on a machine of one's own.
         *
         * @param folder {@code KEYS_FOLDER}: a folder with the key files
         * @param apiKey {@code API_KEY}: where set, the only key
         * @param verificationKeys {@code VERIFICATION_KEYS}: the text of a JSON Web Key Set of public keys that tokens are
         *     verified with; null for the folder's own
         */
        record InFolder(
                Path folder,
                @Nullable String apiKey,
                @Nullable String verificationKeys) implements Keys {
            /** Without the key. */
            @Override
            public String toString() {
                return "InFolder[" + folder + "]";
            }
        }
    }

    /** Reads and checks the environment; the message of a refusal names the variable. */
    static LambdaSettings from(Environment environment) {
        String url = given(environment, "INFERENCE_URL");
        if (url == null) {
            throw new IllegalStateException("INFERENCE_URL must be set to the model server's address");
        }
        String key = given(environment, "INFERENCE_API_KEY");
        String keyArn = given(environment, "INFERENCE_KEY_SECRET_ARN");
        if (key != null && keyArn != null) {
            throw new IllegalStateException(
                    "INFERENCE_API_KEY and INFERENCE_KEY_SECRET_ARN are both set; the model server has one credential");
        }
        return new LambdaSettings(
                URI.create(url),
                key,
                keyArn,
                given(environment, "INFERENCE_MODEL"),
                keys(environment),
                timeout(given(environment, "REQUEST_TIMEOUT_SECONDS")),
                given(environment, "ALLOWED_CIDRS") == null ? null : parts(environment, "ALLOWED_CIDRS", Cidr::of),
                parts(environment, "CORS_ORIGINS", Origin::new).stream()
                        .map(Origin::text)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** A server nearby, and never longer than the request may take. Begins to read the credential where it is in a secret. */
    RemoteSettings remote() {
        RemoteSettings.Timeouts timeouts = new RemoteSettings.Timeouts(
                Duration.ofSeconds(2), requestTimeout, requestTimeout, Duration.ofSeconds(2));
        return new RemoteSettings(
                inferenceUrl,
                model,
                bearer(),
                timeouts,
                RemoteSettings.Retries.DEFAULT,
                RemoteSettings.DEFAULT_MAX_EVENT_BYTES);
    }

    private RemoteSettings.Bearer bearer() {
        // The SDK's classes are loaded by this line, and where it is not reached they cost nothing.
        return inferenceKeyArn == null
                ? () -> inferenceKey
                : InferenceKey.open(inferenceKeyArn, Freshness.DEFAULT, InstantSource.system())::text;
    }

    /** Without the credential. */
    @Override
    public String toString() {
        return "LambdaSettings[" + inferenceUrl + "]";
    }

    private static Keys keys(Environment environment) {
        String arn = given(environment, "API_KEYS_SECRET_ARN");
        if (arn != null) {
            return new Keys.InSecrets(
                    arn,
                    given(environment, "SIGNING_KEYS_SECRET_ARN"),
                    given(environment, "PUBLIC_KEYS_SECRET_ARN"),
                    outage(given(environment, "KEYS_OUTAGE_SECONDS")));
        }
        String folder = given(environment, "KEYS_FOLDER");
        String key = given(environment, "API_KEY");
        if (key == null && folder == null) {
            return new Keys.None();
        }
        // The one folder that a Lambda function can write.
        Path home = Path.of(folder != null ? folder : System.getProperty("java.io.tmpdir") + "/ai-dialog");
        return new Keys.InFolder(home, key, given(environment, "VERIFICATION_KEYS"));
    }

    private static Duration timeout(@Nullable String seconds) {
        if (seconds == null) {
            return Duration.ofSeconds(25);
        }
        // A Lambda function lives 15 minutes at most.
        if (!seconds.matches("\\d{1,3}") || Integer.parseInt(seconds) < 1) {
            throw new IllegalStateException("REQUEST_TIMEOUT_SECONDS must be from 1 to 999");
        }
        return Duration.ofSeconds(Integer.parseInt(seconds));
    }

    private static Duration outage(@Nullable String seconds) {
        if (seconds == null) {
            return Duration.ofHours(1);
        }
        // at least as long as a copy is used anyway; a key that was revoked must not live on for more than a day
        if (!seconds.matches("\\d{1,5}") || Integer.parseInt(seconds) < 60 || Integer.parseInt(seconds) > 86_400) {
            throw new IllegalStateException("KEYS_OUTAGE_SECONDS must be from 60 to 86400");
        }
        return Duration.ofSeconds(Integer.parseInt(seconds));
    }

    /** The parts between commas, as many as the command line takes; none where nothing is given. */
    private static <T> List<T> parts(Environment environment, String name, Function<String, T> kind) {
        String list = given(environment, name);
        if (list == null) {
            return List.of();
        }
        try {
            List<T> parts = Stream.of(list.split(",", -1))
                    .map(part -> kind.apply(part.strip()))
                    .toList();
            if (parts.size() > Cidr.MAX_RANGES) {
                throw new IllegalArgumentException("at most %d values".formatted(Cidr.MAX_RANGES));
            }
            return parts;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(name + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable String given(Environment environment, String name) {
        String value = environment.getProperty(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
