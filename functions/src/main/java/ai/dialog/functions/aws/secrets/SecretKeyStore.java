package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyDocument;
import ai.dialog.functions.access.KeyIndex;
import ai.dialog.functions.access.KeyRegistry;
import ai.dialog.functions.access.NewKey;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * API keys in a secret of AWS Secrets Manager: a {@link KeyDocument}, hashes only, of at most 64 KiB (some 150 keys).
 * Look-ups answer from a copy that is less than a minute old, or, while Secrets Manager cannot be read, as old as
 * {@link Freshness#outage} allows; then, and for a key that such an old copy does not have, they fail with the kind
 * {@code UNAVAILABLE}.
 */
public final class SecretKeyStore implements KeyRegistry, AutoCloseable {

    private static final String NAME = "secret of API keys";

    private final KeySecret secret;
    private final LastGoodCopy<KeyIndex> copy;

    private SecretKeyStore(KeySecret secret, LastGoodCopy<KeyIndex> copy) {
        this.secret = secret;
        this.copy = copy;
    }

    /** A store that requests refresh, for a process that is frozen between them. The first reading begins at once. */
    public static SecretKeyStore onRequest(
            SecretsManagerClient client, String arn, Freshness freshness, InstantSource clock) {
        var secret = new KeySecret(new StoredSecret(client, arn));
        return new SecretKeyStore(
                secret, LastGoodCopy.onRequest(NAME, () -> secret.read().keys(), freshness, clock));
    }

    /**
     * A store that refreshes itself until it is closed, for a process that goes on between requests. The first reading begins
     * at once.
     */
    public static SecretKeyStore inBackground(
            SecretsManagerClient client, String arn, Freshness freshness, InstantSource clock) {
        var secret = new KeySecret(new StoredSecret(client, arn));
        return new SecretKeyStore(
                secret, LastGoodCopy.inBackground(NAME, () -> secret.read().keys(), freshness, clock));
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        var key = copy.get().byText(presented);
        if (key == null && NewKey.idOf(presented) != null) {
            // made since, perhaps: that is not for an old copy to deny
            copy.requireYoung();
        }
        return key;
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        var key = copy.get().byId(id);
        if (key == null) {
            copy.requireYoung();
        }
        return key;
    }

    @Override
    public List<ApiKey> all() {
        return copy.get().all();
    }

    @Override
    public void change(UnaryOperator<List<ApiKey>> change) {
        secret.change(change);
        copy.refresh();
    }

    @Override
    public void close() {
        copy.close();
    }
}
