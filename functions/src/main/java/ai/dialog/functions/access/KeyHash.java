package ai.dialog.functions.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Salted SHA-256 of an API key. A slow hash (bcrypt, Argon2) is for passwords, which people choose and others can guess:
 * it makes each guess dear. A key of ours has 256 random bits, which nobody can guess at any price, so a slow hash would
 * only make each request dear (OWASP's Password Storage Cheat Sheet asks for one for passwords; NIST SP 800-63B, 5.1.2.2,
 * exempts secrets of 112 random bits and more). The salt keeps equal keys of two stores from showing as equal.
 */
final class KeyHash {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    private final byte[] hash;

    private KeyHash(byte[] hash) {
        this.hash = hash;
    }

    static KeyHash of(String key, String salt) {
        var digest = sha256();
        digest.update(Base64.getDecoder().decode(salt));
        return new KeyHash(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    static String newSalt() {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return Base64.getEncoder().encodeToString(salt);
    }

    /** In constant time. */
    boolean matches(String base64) {
        return MessageDigest.isEqual(hash, Base64.getDecoder().decode(base64));
    }

    String base64() {
        return Base64.getEncoder().encodeToString(hash);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
