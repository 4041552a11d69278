package ai.dialog.functions.access;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key that was just made: the only moment that its text exists. Its form is {@code sk-dialog-ID-RANDOM}: the prefix lets
 * scanners of leaked secrets know it, the id (60 bits) finds its record without a scan, the rest has 256 random bits. Both
 * are in RFC 4648's Base32 in lower case, so that a double click selects each.
 *
 * @param key what is kept
 * @param secret what the caller sends; shown once
 */
public record NewKey(ApiKey key, String secret) {

    static final String PREFIX = "sk-dialog-";
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int ID_LENGTH = 12;
    private static final int RANDOM_LENGTH = 52;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Makes a key. */
    static NewKey make(String owner, Set<String> scopes, Instant now, Duration lifetime) {
        String id = random(ID_LENGTH);
        String secret = PREFIX + id + "-" + random(RANDOM_LENGTH);
        String salt = KeyHash.newSalt();
        var key = new ApiKey(
                id,
                salt,
                KeyHash.of(secret, salt).base64(),
                owner,
                null,
                owner.toLowerCase(Locale.ROOT),
                now,
                now.plus(lifetime),
                null,
                null,
                scopes,
                null,
                null);
        return new NewKey(key, secret);
    }

    /** The id within a key's text, null where it is not of our form. */
    static @Nullable String idOf(String presented) {
        int dash = PREFIX.length() + ID_LENGTH;
        boolean formed = presented.length() == dash + 1 + RANDOM_LENGTH
                && presented.startsWith(PREFIX)
                && presented.charAt(dash) == '-';
        return formed ? presented.substring(PREFIX.length(), dash) : null;
    }

    private static String random(int length) {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "NewKey[" + key + "]";
    }
}
