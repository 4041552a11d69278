package ai.dialog.functions.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JWK set (RFC 7517) of the ES256 keys that tokens are signed and verified with: key pairs, or public keys alone, which
 * verify and cannot sign. Immutable.
 *
 * <p>How one key takes over from another without a refused token: the new one is in the set, and verifies, before it signs,
 * which it does from its {@code nbf} on; the old one verifies until its {@code exp}, when the last token that it can have
 * signed has ended. A verifier that reads the set again within that head start is never behind.
 */
public final class JwkSet {

    /** More than a year of weekly rotations leaves. */
    public static final int MAX_KEYS = 32;

    /** A key pair takes 300 bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /** The longest head start of a new key. */
    public static final Duration MAX_HEAD_START = Duration.ofDays(30);

    private final List<ECKey> keys;
    private final Map<String, ECKey> byId = new HashMap<>();

    private JwkSet(List<ECKey> keys, String source) {
        this.keys = List.copyOf(keys);
        for (ECKey key : keys) {
            if (byId.put(key.getKeyID(), key) != null) {
                throw new IllegalStateException(source + " has two keys with the same kid");
            }
        }
        if (keys.isEmpty() || keys.size() > MAX_KEYS) {
            throw new IllegalStateException(
                    "%s must have 1 to %d P-256 keys for ES256, each with a kid".formatted(source, MAX_KEYS));
        }
    }

    /**
     * Reads key pairs; a key of any other kind among them is a mistake.
     *
     * @param source what a refusal names
     * @throws IllegalStateException where it is no such set; its message has nothing of the content
     */
    public static JwkSet parse(byte[] content, String source) {
        var read = read(content, source);
        var pairs = usable(read).stream().filter(ECKey::isPrivate).toList();
        if (pairs.size() != read.size()) {
            throw new IllegalStateException(source + " must have private P-256 keys with a kid, and no others");
        }
        return new JwkSet(pairs, source);
    }

    /**
     * Reads public keys. Keys of other kinds are left out, as RFC 7517 (5) asks; private halves are refused, for they are
     * not to leave the signer.
     *
     * @param source what a refusal names
     * @throws IllegalStateException where it is no such set; its message has nothing of the content
     */
    public static JwkSet parsePublic(byte[] content, String source) {
        var read = read(content, source);
        if (read.getKeys().stream().anyMatch(JWK::isPrivate)) {
            throw new IllegalStateException(source
                    + " has private keys; a verifier takes the public ones alone, as /.well-known/jwks.json has");
        }
        return new JwkSet(usable(read), source);
    }

    private static JWKSet read(byte[] content, String source) {
        if (content.length > MAX_BYTES) {
            throw new IllegalStateException("%s has more than %d bytes".formatted(source, MAX_BYTES));
        }
        try {
            return JWKSet.parse(new String(content, StandardCharsets.UTF_8));
        } catch (ParseException | RuntimeException e) {
            // the library fails in several ways on what is no set; without the cause, which may hold a piece of a
            // private key
            throw new IllegalStateException(source + " is not a JWK set of signing keys");
        }
    }

    private static List<ECKey> usable(JWKSet set) {
        return set.getKeys().stream()
                .filter(key -> key instanceof ECKey ec
                        && Curve.P_256.equals(ec.getCurve())
                        && ec.getKeyID() != null
                        && (ec.getKeyUse() == null || KeyUse.SIGNATURE.equals(ec.getKeyUse()))
                        && (ec.getAlgorithm() == null || JWSAlgorithm.ES256.equals(ec.getAlgorithm())))
                .map(JWK::toECKey)
                .toList();
    }

    /** A set of one new key pair, which signs at once. */
    public static JwkSet generate(Instant now) {
        return new JwkSet(List.of(pair(now, null)), "a new set");
    }

    /**
     * The set with a new key pair, and without those that have ended. A set whose newest pair does not sign yet is one that
     * was rotated just now, and stays as it is.
     *
     * @param headStart how long the new pair is published before it signs: longer than verifiers keep a set
     */
    public JwkSet rotated(Instant now, Duration headStart) {
        if (headStart.isNegative() || headStart.compareTo(MAX_HEAD_START) > 0) {
            throw new IllegalArgumentException("The head start must be 0 to 30 days, not " + headStart);
        }
        if (keys.stream().anyMatch(key -> begin(key).isAfter(now))) {
            return this;
        }
        var takesOver = now.plus(headStart);
        // a verifier's clock may be as far off as the signer's
        var ends = takesOver.plus(Tokens.MAX_LIFETIME).plus(Tokens.SKEW.multipliedBy(2));
        var next = new ArrayList<ECKey>();
        for (ECKey key : keys) {
            if (good(key, now)) {
                var until = key.getExpirationTime();
                next.add(until != null && until.toInstant().isBefore(ends) ? key : ending(key, ends));
            }
        }
        next.add(pair(now, takesOver));
        return new JwkSet(next, "the rotated set");
    }

    /** A new pair that signs at once, and no other: every token that was signed before is refused from now on. */
    public JwkSet replaced(Instant now) {
        return generate(now);
    }

    /** The key that signs now: the newest pair whose time has come; null where there is none. */
    @Nullable
    ECKey signing(Instant now) {
        return keys.stream()
                .filter(key -> key.isPrivate() && good(key, now) && !begin(key).isAfter(now))
                .max(Comparator.comparing(JwkSet::begin))
                .orElse(null);
    }

    /** The key with this id, unless it has ended. Before it signs it verifies: the signer's clock may be ahead. */
    @Nullable
    ECKey verifying(String kid, Instant now) {
        var key = byId.get(kid);
        return key == null || !good(key, now) ? null : key;
    }

    /** The keys, oldest first, for a person to look at. */
    public List<Described> described(Instant now) {
        var signing = signing(now);
        return keys.stream()
                .sorted(Comparator.comparing(JwkSet::begin))
                .map(key -> new Described(
                        key.getKeyID(),
                        key.getNotBeforeTime() == null ? null : begin(key),
                        key.getExpirationTime() == null
                                ? null
                                : key.getExpirationTime().toInstant(),
                        key.equals(signing),
                        good(key, now)))
                .toList();
    }

    /**
     * A key without the key.
     *
     * @param notBefore when it begins to sign; null for always
     * @param expires when it ceases to verify; null for never
     * @param signs whether it is the one that signs now
     * @param verifies whether a token with its signature is good
     */
    public record Described(
            String kid,
            @Nullable Instant notBefore,
            @Nullable Instant expires,
            boolean signs,
            boolean verifies) {}

    /** The whole set as it is kept, private halves and all. */
    public byte[] bytes() {
        return new JWKSet(List.copyOf(keys)).toString(false).getBytes(StandardCharsets.UTF_8);
    }

    /** The public halves, for {@code /.well-known/jwks.json}. */
    public String publicText() {
        return new JWKSet(List.copyOf(keys)).toString(true);
    }

    private static boolean good(ECKey key, Instant now) {
        return key.getExpirationTime() == null
                || now.isBefore(key.getExpirationTime().toInstant());
    }

    private static Instant begin(ECKey key) {
        return key.getNotBeforeTime() == null
                ? Instant.EPOCH
                : key.getNotBeforeTime().toInstant();
    }

    private static ECKey ending(ECKey key, Instant ends) {
        return new ECKey.Builder(key).expirationTime(Date.from(ends)).build();
    }

    private static ECKey pair(Instant now, @Nullable Instant notBefore) {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true) // RFC 7638
                    .issueTime(Date.from(now))
                    .notBeforeTime(notBefore == null ? null : Date.from(notBefore))
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("Cannot make a P-256 key pair", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JwkSet set && set.keys.equals(keys);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "JwkSet" + byId.keySet();
    }
}
