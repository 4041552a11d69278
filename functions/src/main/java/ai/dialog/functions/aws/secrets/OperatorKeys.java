package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The API keys of a secret, for a person at a command line: every call reads the secret, over the network, and a failure says
 * what AWS said. To be closed. A service uses {@link SecretKeyStore}.
 */
public final class OperatorKeys implements KeyRegistry {

    private final SecretsManagerClient client;
    private final String arn;
    private final KeySecret keys;

    OperatorKeys(SecretsManagerClient client, String arn) {
        this.client = client;
        this.arn = arn;
        this.keys = new KeySecret(new StoredSecret(client, arn));
    }

    /**
     * The keys of a secret, by the standard AWS settings.
     *
     * @throws IllegalStateException where these lack a region
     */
    public static OperatorKeys open(String arn) {
        return told(arn, () -> new OperatorKeys(SecretsClient.open(), arn));
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        return told(arn, keys::read).keys().byText(presented);
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        return told(arn, keys::read).keys().byId(id);
    }

    @Override
    public List<ApiKey> all() {
        return told(arn, keys::all);
    }

    @Override
    public void change(UnaryOperator<List<ApiKey>> change) {
        told(arn, () -> {
            keys.change(change);
            return true;
        });
    }

    private static <T> T told(String arn, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw new IllegalStateException("The secret %s cannot be used: %s".formatted(arn, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
