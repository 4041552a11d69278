package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.SigningKeys;
import ai.dialog.functions.access.Tokens;
import ai.dialog.functions.access.VerificationKeys;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The bearer check over secrets of AWS Secrets Manager, for a function that is frozen between requests. What cannot be read is
 * refused with the kind {@code UNAVAILABLE}, not let in.
 */
public final class CloudAccess {

    private CloudAccess() {}

    /**
     * Which secrets there are.
     *
     * @param apiKeysArn the hashes of all API keys
     * @param signingKeysArn the key pairs that tokens are signed with, for the function that makes them; null for others
     * @param publicKeysArn their public halves, for functions that verify; null where no token is taken
     */
    public record Secrets(
            String apiKeysArn,
            @Nullable String signingKeysArn,
            @Nullable String publicKeysArn) {}

    /** Begins to read the secrets, and does not wait for it: the rest of the start goes on meanwhile. */
    public static Access open(Secrets secrets, Freshness freshness, InstantSource clock) {
        return open(SecretsClient.open(), secrets, freshness, clock);
    }

    static Access open(SecretsManagerClient client, Secrets secrets, Freshness freshness, InstantSource clock) {
        var keys = SecretKeyStore.onRequest(client, secrets.apiKeysArn(), freshness, clock);
        return new Access(
                keys,
                new Tokens(
                        verification(client, secrets, freshness, clock),
                        AccessSettings.DEFAULT_NAME,
                        AccessSettings.DEFAULT_NAME,
                        clock),
                clock);
    }

    private static VerificationKeys verification(
            SecretsManagerClient client, Secrets secrets, Freshness freshness, InstantSource clock) {
        if (secrets.signingKeysArn() != null) {
            return copy(client, secrets.signingKeysArn(), CloudAccess::pairs, freshness, clock);
        }
        if (secrets.publicKeysArn() != null) {
            return copy(client, secrets.publicKeysArn(), CloudAccess::publicKeys, freshness, clock);
        }
        return SigningKeys.inMemory(clock);
    }

    private static VerificationKeys copy(
            SecretsManagerClient client,
            String arn,
            Function<StoredSecret, JwkSet> read,
            Freshness freshness,
            InstantSource clock) {
        var secret = new StoredSecret(client, arn);
        var copy = LastGoodCopy.onRequest("secret of signing keys", () -> read.apply(secret), freshness, clock);
        return copy::get;
    }

    private static JwkSet pairs(StoredSecret secret) {
        return JwkSet.parse(bytes(secret), secret.arn());
    }

    private static JwkSet publicKeys(StoredSecret secret) {
        return JwkSet.parsePublic(bytes(secret), secret.arn());
    }

    private static byte[] bytes(StoredSecret secret) {
        return secret.current().text().getBytes(StandardCharsets.UTF_8);
    }
}
