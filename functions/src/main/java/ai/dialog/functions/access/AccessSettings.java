package ai.dialog.functions.access;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where credentials are kept and what tokens say.
 *
 * @param folder holds {@code api-keys.json} and {@code signing-keys.json}; made where it is missing, for its owner alone
 * @param apiKey the one key, as given in {@code API_KEY}: no other is then accepted; null for those of the file
 * @param issuer who signs tokens
 * @param audience whom tokens are for
 */
public record AccessSettings(Path folder, @Nullable String apiKey, String issuer, String audience) {

    /** The issuer and audience of a service that nobody named. */
    public static final String DEFAULT_NAME = "ai-dialog";

    /** With the default issuer and audience; a blank key counts as none. */
    public static AccessSettings of(Path folder, @Nullable String apiKey) {
        return new AccessSettings(
                folder, apiKey == null || apiKey.isBlank() ? null : apiKey, DEFAULT_NAME, DEFAULT_NAME);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "AccessSettings[folder=" + folder + "]";
    }
}
