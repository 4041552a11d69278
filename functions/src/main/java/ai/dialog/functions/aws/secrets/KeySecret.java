package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyDocument;
import ai.dialog.functions.access.KeyIndex;
import ai.dialog.functions.access.KeyRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a secret as they are this moment: every call reads it, over the network. For changes, and for whoever must not
 * go by a copy; requests are answered by a {@link SecretKeyStore}.
 */
final class KeySecret implements KeyRegistry {

    private final StoredSecret secret;

    KeySecret(StoredSecret secret) {
        this.secret = secret;
    }

    /**
     * The keys, and since when they are these.
     *
     * @param asOf by the clock of Secrets Manager
     */
    record Dated(KeyIndex keys, Instant asOf) {}

    Dated read() {
        var version = secret.current();
        return new Dated(new KeyIndex(parse(version.text())), version.created());
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        return read().keys().byText(presented);
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        return read().keys().byId(id);
    }

    @Override
    public List<ApiKey> all() {
        return read().keys().all();
    }

    @Override
    public void change(UnaryOperator<List<ApiKey>> change) {
        secret.change(text -> {
            var before = parse(text);
            var after = change.apply(before);
            return after.equals(before) ? text : new String(new KeyDocument(after).compact(), StandardCharsets.UTF_8);
        });
    }

    private List<ApiKey> parse(String text) {
        return KeyDocument.parse(text.getBytes(StandardCharsets.UTF_8), secret.arn())
                .keys();
    }
}
