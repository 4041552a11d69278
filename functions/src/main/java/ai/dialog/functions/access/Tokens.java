package ai.dialog.functions.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes and verifies JSON Web Tokens after RFC 8725 and RFC 9068: one algorithm (ES256), an explicit type, a known key id,
 * issuer, audience and times, all required. Verifying costs one P-256 verification (about 0.2 ms) for the first request of
 * a token and a look-up after that; the times, and the API key that it was made with, are checked for every request.
 */
public final class Tokens {

    /** The longest life of a token: a week. */
    public static final Duration MAX_LIFETIME = Duration.ofDays(7);

    /** The life of a token where the caller does not say. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofDays(1);

    /** How far the clocks of two machines may differ. */
    static final Duration SKEW = Duration.ofSeconds(30);

    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final String SCOPE = "scope";
    private static final int CACHED = 10_000;

    private final VerificationKeys keys;
    private final String issuer;
    private final String audience;
    private final InstantSource clock;
    private final Cache<String, Claims> verified = Caffeine.newBuilder()
            .maximumSize(CACHED)
            .expireAfterWrite(Duration.ofMinutes(5))
            .build();

    /**
     * A signed token.
     *
     * @param expires when it ends
     */
    public record Issued(String token, Instant issued, Instant expires) {

        /** Without the token. */
        @Override
        public String toString() {
            return "Issued[expires=" + expires + "]";
        }
    }

    /**
     * What a token with a good signature says.
     *
     * @param signedBy the key that its signature was made with
     */
    record Claims(ECKey signedBy, String keyId, Set<String> scopes, Instant notBefore, Instant expires) {}

    /**
     * A maker and verifier of tokens.
     *
     * @param keys public keys alone are enough for a verifier, which makes none
     * @param issuer who signs
     * @param audience whom they are for
     */
    public Tokens(VerificationKeys keys, String issuer, String audience, InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.audience = audience;
        this.clock = clock;
    }

    /**
     * Makes a token that can do what its key can, but make tokens. It never outlives its key.
     *
     * @param lifetime 1 second to {@link #MAX_LIFETIME}
     * @throws AccessException where this service has public keys alone
     */
    public Issued issue(Principal key, Duration lifetime) {
        if (lifetime.toSeconds() < 1 || lifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException("A token's life must be 1 second to 7 days, not " + lifetime);
        }
        var signing = keys.current().signing(clock.instant());
        if (signing == null) {
            throw AccessException.forbidden(
                    "This service verifies tokens and makes none: it has public keys alone. Ask the one that has the"
                            + " signing keys.");
        }
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var expires = end(now.plus(lifetime), key, signing);
        var scopes = new HashSet<>(key.scopes());
        scopes.remove(Scope.TOKENS);
        var jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(TYPE)
                        .keyID(signing.getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .audience(audience)
                        .subject(key.keyId())
                        .issueTime(Date.from(now))
                        .notBeforeTime(Date.from(now))
                        .expirationTime(Date.from(expires))
                        .jwtID(UUID.randomUUID().toString())
                        .claim(SCOPE, String.join(" ", scopes))
                        .build());
        try {
            jwt.sign(new ECDSASigner(signing));
        } catch (JOSEException e) {
            throw new IllegalStateException("Cannot sign a token", e);
        }
        return new Issued(jwt.serialize(), now, expires);
    }

    private static Instant end(Instant wanted, Principal key, ECKey signing) {
        var end = wanted.isBefore(key.expires()) ? wanted : key.expires();
        var last = signing.getExpirationTime();
        return (last == null || end.isBefore(last.toInstant()) ? end : last.toInstant())
                .truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * What a token says, where it is good now. Whether its key still is, is for the caller to ask.
     *
     * @throws AccessException where it is not
     */
    Claims verify(String token) {
        var now = clock.instant();
        var set = keys.current();
        var claims = verified.getIfPresent(token);
        // a key may have been taken out of the set since, or have ended
        if (claims == null
                || !claims.signedBy().equals(set.verifying(claims.signedBy().getKeyID(), now))) {
            claims = verifySignature(token, set);
            verified.put(token, claims);
        }
        if (!now.isBefore(claims.expires().plus(SKEW))) {
            throw AccessException.unauthenticated(
                    "The token expired at %s. Make another with POST /v1/tokens.".formatted(claims.expires()));
        }
        if (now.isBefore(claims.notBefore().minus(SKEW))) {
            throw AccessException.unauthenticated(
                    "The token is not valid before %s. Check the clock.".formatted(claims.notBefore()));
        }
        return claims;
    }

    private Claims verifySignature(String token, JwkSet set) {
        try {
            var jwt = SignedJWT.parse(token);
            var header = jwt.getHeader();
            // the algorithm is ours to choose, never the token's (RFC 8725, 3.1): this refuses none and HS256 as well
            if (!JWSAlgorithm.ES256.equals(header.getAlgorithm())
                    || !TYPE.equals(header.getType())
                    || header.getKeyID() == null) {
                throw refused();
            }
            var key = set.verifying(header.getKeyID(), clock.instant());
            if (key == null || !jwt.verify(new ECDSAVerifier(key.toPublicJWK()))) {
                throw refused();
            }
            return claims(jwt.getJWTClaimsSet(), key);
        } catch (ParseException | JOSEException e) {
            throw refused();
        }
    }

    private Claims claims(JWTClaimsSet claims, ECKey signedBy) throws ParseException {
        Date issued = claims.getIssueTime();
        Date notBefore = claims.getNotBeforeTime();
        Date expires = claims.getExpirationTime();
        String scope = claims.getStringClaim(SCOPE);
        boolean complete = claims.getSubject() != null
                && claims.getJWTID() != null
                && scope != null
                && issued != null
                && notBefore != null
                && expires != null;
        if (!complete
                || !issuer.equals(claims.getIssuer())
                || !List.of(audience).equals(claims.getAudience())
                || issued.toInstant().isAfter(clock.instant().plus(SKEW))
                || expires.toInstant().isAfter(issued.toInstant().plus(MAX_LIFETIME))) {
            throw refused();
        }
        var scopes = new HashSet<>(List.of(scope.split(" ")));
        scopes.remove(Scope.TOKENS);
        return new Claims(
                signedBy, claims.getSubject(), Set.copyOf(scopes), notBefore.toInstant(), expires.toInstant());
    }

    /** One message for every forgery, so that nobody learns from it. */
    private static AccessException refused() {
        return AccessException.unauthenticated("The token is not valid here. Make one with POST /v1/tokens.");
    }

    /** Whether a credential has the form of a token: three parts with dots between. */
    static boolean looksLikeOne(@Nullable String text) {
        return text != null
                && text.startsWith("ey")
                && text.chars().filter(c -> c == '.').count() == 2;
    }

    /** The public keys, for {@code /.well-known/jwks.json}. */
    public String publicKeys() {
        return keys.current().publicText();
    }
}
