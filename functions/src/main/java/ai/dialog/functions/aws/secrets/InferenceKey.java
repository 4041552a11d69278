package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.time.InstantSource;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The model server's API key, which is the whole value of a secret of AWS Secrets Manager. A copy is used for less than a
 * minute, or, while Secrets Manager cannot be read, for as long as {@link Freshness#outage} says.
 */
public final class InferenceKey {

    /** What may stand in an HTTP header and is no more than a key would be. */
    private static final Pattern KEY = Pattern.compile("[!-~]{1,4096}");

    private final LastGoodCopy<String> copy;

    private InferenceKey(LastGoodCopy<String> copy) {
        this.copy = copy;
    }

    /** Begins to read the secret, and does not wait for it. */
    public static InferenceKey open(String arn, Freshness freshness, InstantSource clock) {
        return open(SecretsClient.open(), arn, freshness, clock);
    }

    static InferenceKey open(SecretsManagerClient client, String arn, Freshness freshness, InstantSource clock) {
        var secret = new StoredSecret(client, arn);
        return new InferenceKey(
                LastGoodCopy.onRequest("secret of the model server's key", () -> read(secret), freshness, clock));
    }

    private static String read(StoredSecret secret) {
        String key = secret.current().text().strip();
        if (!KEY.matcher(key).matches()) {
            throw new IllegalStateException("The secret " + secret.arn()
                    + " must be the model server's API key alone: printable ASCII, no spaces, at most 4096 characters");
        }
        return key;
    }

    /**
     * The key.
     *
     * @throws InferenceException of the kind {@code UNAVAILABLE} where it cannot be read and no copy is young enough
     */
    public String text() {
        try {
            return copy.get();
        } catch (AccessException unreadable) {
            throw new InferenceException(
                    Kind.UNAVAILABLE,
                    "The model server's key cannot be read at the moment. Try again.",
                    null,
                    null,
                    unreadable);
        }
    }
}
