package ai.dialog.functions.access;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where credentials are kept and what tokens say.
 *
 * @param folder holds {@code api-keys.json} and {@code signing-keys.json}; made where it is missing, for its owner alone
 * @param apiKey the one key, as given in {@code API_KEY}: no other is then accepted; null for those of the file
 * @param verificationKeys where the public keys are that tokens are verified with, a file or an address; no token is made
 *     then. Null for signing keys of its own, in the folder
 * @param issuer who signs tokens
 * @param audience whom tokens are for
 */
public record AccessSettings(
        Path folder, @Nullable String apiKey, @Nullable String verificationKeys, String issuer, String audience) {

    /** The issuer and audience of a service that nobody named. */
    public static final String DEFAULT_NAME = "ai-dialog";

    /** With the default issuer and audience; a blank key counts as none. */
    public static AccessSettings of(Path folder, @Nullable String apiKey) {
        return new AccessSettings(
                folder, apiKey == null || apiKey.isBlank() ? null : apiKey, null, DEFAULT_NAME, DEFAULT_NAME);
    }

    /** The same with the public keys of another service; a blank place counts as none. */
    public AccessSettings withVerificationKeys(@Nullable String place) {
        return new AccessSettings(folder, apiKey, place == null || place.isBlank() ? null : place, issuer, audience);
    }

    /** The key file. */
    public Path apiKeysFile() {
        return folder.resolve("api-keys.json");
    }

    /** The file of key pairs that tokens are signed with. */
    public Path signingKeysFile() {
        return folder.resolve("signing-keys.json");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "AccessSettings[folder=" + folder + "]";
    }
}
