package ai.dialog.functions.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** The one key that was given in {@code API_KEY}. Whoever gave it decides how long it lives: it does not expire. */
public final class FixedKeyStore implements KeyStore {

    /** Shorter ones can be found by trying. */
    public static final int MIN_LENGTH = 8;

    /** Longer ones would crowd the header. */
    public static final int MAX_LENGTH = 512;

    /** OWASP's figure for PBKDF2 with SHA-256 (Password Storage Cheat Sheet, 2023). */
    private static final int ID_ITERATIONS = 600_000;

    private static final int ID_BITS = 48;

    /** The last second of a year with four digits: as good as never, and every JSON date can say it. */
    private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    private final String salt = KeyHash.newSalt();
    private final String hash;
    private final CompletableFuture<ApiKey> key;

    /**
     * A store of one key. Its id is made beside whatever else starts, and waited for by the first who gives the key.
     *
     * @param secret 8 to 512 visible ASCII characters
     * @throws IllegalArgumentException where it is not that
     */
    public FixedKeyStore(String secret, Instant now) {
        if (secret.length() < MIN_LENGTH || secret.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "API_KEY must have %d to %d characters, not %d".formatted(MIN_LENGTH, MAX_LENGTH, secret.length()));
        }
        if (!secret.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    "API_KEY must be visible ASCII characters without a space, " + "for it travels in an HTTP header");
        }
        hash = KeyHash.of(secret, salt).base64();
        String id = NewKey.idOf(secret);
        key = id == null
                ? CompletableFuture.supplyAsync(() -> key(derivedId(secret), now), FixedKeyStore::beside)
                : CompletableFuture.completedFuture(key(id, now));
    }

    private static void beside(Runnable work) {
        Thread.ofPlatform().daemon().name("api-key-id").start(work);
    }

    private ApiKey key(String id, Instant now) {
        return new ApiKey(
                id,
                salt,
                hash,
                "local",
                null,
                "local",
                now,
                NEVER,
                null,
                null,
                Scope.OPERATOR, // there is no other key that could have one of them
                null,
                null);
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        return KeyHash.of(presented, salt).matches(hash) ? key.join() : null;
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        return key.join().id().equals(id) ? key.join() : null;
    }

    /**
     * The same for the same key, so that tokens outlive a restart, and another for another, so that changing the key ends
     * them. It stands in every token, where a quick hash would let its bearer try out keys that a person chose: so this
     * one is slow (a few hundred milliseconds, once).
     */
    private static String derivedId(String secret) {
        try {
            var spec = new PBEKeySpec(
                    secret.toCharArray(),
                    "ai-dialog API_KEY id".getBytes(StandardCharsets.US_ASCII),
                    ID_ITERATIONS,
                    ID_BITS);
            byte[] id = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            return "env-" + HexFormat.of().formatHex(id);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has PBKDF2WithHmacSHA256", e);
        }
    }
}
