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
import com.nimbusds.jose.util.Base64URL;
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
import java.util.UUID;
import java.util.regex.Pattern;
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

    /** The most characters of a token: it has to fit into a header beside others. */
    public static final int MAX_LENGTH = 6_144;

    /** How far the clocks of two machines may differ. */
    static final Duration SKEW = Duration.ofSeconds(30);

    private static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");
    private static final int CACHED = 10_000;
    private static final Pattern FORM = Pattern.compile("ey[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private final VerificationKeys keys;
    private final String issuer;
    private final String audience;
    private final InstantSource clock;
    private final Cache<String, Verified> verified = Caffeine.newBuilder()
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

    private record Verified(ECKey signedBy, TokenClaims claims) {}

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

    /** Makes a token that can do what its key can; see the other. */
    public Issued issue(Principal key, Duration lifetime) {
        return issue(key, TokenGrant.of(lifetime));
    }

    /**
     * Makes a token that can do what its key can, but make tokens, and no more than it is granted. It never outlives its
     * key, and what its key loses later it loses too.
     *
     * @throws IllegalArgumentException where it would be longer than {@link #MAX_LENGTH}
     * @throws AccessException where this service has public keys alone
     */
    public Issued issue(Principal key, TokenGrant grant) {
        var signing = keys.current().signing(clock.instant());
        if (signing == null) {
            throw AccessException.forbidden(
                    "This service verifies tokens and makes none: it has public keys alone. Ask the one that has the"
                            + " signing keys.");
        }
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var expires = end(now.plus(grant.lifetime()), key, signing);
        var scopes = new HashSet<>(key.scopes());
        scopes.removeAll(Scope.KEYS_ALONE);
        var claims = new JWTClaimsSet.Builder()
                .issuer(issuer)
                .audience(audience)
                .subject(key.keyId())
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(expires))
                .jwtID(UUID.randomUUID().toString());
        TokenClaims.write(claims, scopes, grant);
        String token = sign(claims.build(), signing);
        if (token.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "The token would have more than %d characters. Name fewer models and ranges of addresses."
                            .formatted(MAX_LENGTH));
        }
        return new Issued(token, now, expires);
    }

    private static String sign(JWTClaimsSet claims, ECKey signing) {
        var jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(TYPE)
                        .keyID(signing.getKeyID())
                        .build(),
                claims);
        try {
            jwt.sign(new ECDSASigner(signing));
        } catch (JOSEException e) {
            throw new IllegalStateException("Cannot sign a token", e);
        }
        return jwt.serialize();
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
    TokenClaims verify(String token) {
        var now = clock.instant();
        var set = keys.current();
        var known = verified.getIfPresent(token);
        // a key may have been taken out of the set since, or have ended
        if (known == null
                || !known.signedBy().equals(set.verifying(known.signedBy().getKeyID(), now))) {
            known = verifySignature(token, set, now);
            verified.put(token, known);
        }
        var claims = known.claims();
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

    private Verified verifySignature(String token, JwkSet set, Instant now) {
        if (token.length() > MAX_LENGTH || !FORM.matcher(token).matches()) {
            throw refused();
        }
        try {
            var jwt = SignedJWT.parse(token);
            var header = jwt.getHeader();
            // the algorithm is ours to choose, never the token's (RFC 8725, 3.1): this refuses none and HS256 as well
            boolean ours = JWSAlgorithm.ES256.equals(header.getAlgorithm())
                    && TYPE.equals(header.getType())
                    && header.getKeyID() != null
                    && header.getCriticalParams() == null
                    // one signature has one text
                    && jwt.getSignature()
                            .equals(Base64URL.encode(jwt.getSignature().decode()));
            var key = ours ? set.verifying(header.getKeyID(), now) : null;
            if (key == null || !jwt.verify(new ECDSAVerifier(key.toPublicJWK()))) {
                throw refused();
            }
            TokenClaims.requireTimes(jwt.getPayload().toJSONObject());
            return new Verified(key, checked(jwt.getJWTClaimsSet(), now));
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            throw refused();
        }
    }

    private TokenClaims checked(JWTClaimsSet set, Instant now) throws ParseException {
        var claims = TokenClaims.read(set);
        if (!issuer.equals(set.getIssuer())
                || !List.of(audience).equals(set.getAudience())
                || claims.issued().isAfter(now.plus(SKEW))
                || claims.expires().isAfter(claims.issued().plus(MAX_LIFETIME))) {
            throw refused();
        }
        return claims;
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

    void close() {
        keys.close();
    }
}
