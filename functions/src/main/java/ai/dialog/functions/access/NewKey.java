package ai.dialog.functions.access;

import java.security.SecureRandom;
import java.time.Instant;
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

    /** The characters of a key's text. */
    static final int LENGTH = PREFIX.length() + ID_LENGTH + 1 + RANDOM_LENGTH;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The text of a key that is not kept anywhere yet. */
    public static String newText() {
        return PREFIX + random(ID_LENGTH) + "-" + random(RANDOM_LENGTH);
    }

    /** Makes a key of an account of its own. */
    static NewKey make(KeySpec spec, Instant now) {
        String text = newText();
        return new NewKey(record(text, spec, null, now), text);
    }

    /**
     * What is kept of a key.
     *
     * @param account the account of the key that it replaces; null for one of its own
     * @throws IllegalArgumentException where the text is no key's
     */
    static ApiKey record(String text, KeySpec spec, @Nullable String account, Instant now) {
        String id = idOf(text);
        if (id == null) {
            throw new IllegalArgumentException("This is not the text of an API key, which has the form sk-dialog-…");
        }
        String salt = KeyHash.newSalt();
        return new ApiKey(
                id,
                salt,
                KeyHash.of(text, salt).base64(),
                spec.owner(),
                account,
                spec.tenant(),
                now,
                now.plus(spec.lifetime()),
                null,
                null,
                spec.scopes(),
                spec.restrictions().equals(Restrictions.NONE) ? null : spec.restrictions(),
                spec.limits().equals(Limits.NONE) ? null : spec.limits());
    }

    /** The id within a key's text, null where it is not of our form. */
    public static @Nullable String idOf(String presented) {
        int dash = PREFIX.length() + ID_LENGTH;
        boolean formed = presented.length() == LENGTH && presented.startsWith(PREFIX) && presented.charAt(dash) == '-';
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
