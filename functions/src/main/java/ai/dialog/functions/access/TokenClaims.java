package ai.dialog.functions.access;

import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a token says beside who made it for whom: RFC 9068's claims, and claims of ours with the names that
 * {@code POST /v1/tokens} has for them.
 *
 * @param keyId the API key that it was made with
 * @param tokenId its own name, under which its use is counted
 * @param issued when it was made
 */
record TokenClaims(
        String keyId,
        String tokenId,
        Set<String> scopes,
        Instant issued,
        Instant notBefore,
        Instant expires,
        Restrictions restrictions,
        Limits limits) {

    /** Of the year 9999. */
    private static final long LAST_SECOND = 253_402_300_799L;

    private static final String SCOPE = "scope";
    private static final String MODELS = "models";
    private static final String MAX_TOKENS = "max_tokens";
    private static final String CIDRS = "cidrs";
    private static final String REQUESTS_PER_MINUTE = "requests_per_minute";
    private static final String TOKENS_PER_MINUTE = "tokens_per_minute";
    private static final String CONCURRENT_REQUESTS = "concurrent_requests";

    /** Writes the claims that are not the library's own. */
    static void write(JWTClaimsSet.Builder claims, Set<String> scopes, TokenGrant grant) {
        claims.claim(SCOPE, String.join(" ", new TreeSet<>(scopes)));
        var restrictions = grant.restrictions();
        // null leaves a claim out
        claims.claim(MODELS, restrictions.models() == null ? null : List.copyOf(new TreeSet<>(restrictions.models())));
        claims.claim(MAX_TOKENS, restrictions.maxTokens());
        claims.claim(
                CIDRS,
                restrictions.cidrs() == null
                        ? null
                        : restrictions.cidrs().stream().map(Cidr::toString).toList());
        var limits = grant.limits();
        claims.claim(REQUESTS_PER_MINUTE, limits.requestsPerMinute());
        claims.claim(TOKENS_PER_MINUTE, limits.tokensPerMinute());
        claims.claim(CONCURRENT_REQUESTS, limits.concurrentRequests());
    }

    /**
     * Reads the claims, every one of RFC 9068's required.
     *
     * @throws ParseException where one is missing or has a wrong type
     * @throws IllegalArgumentException where one has a value that it cannot have
     */
    static TokenClaims read(JWTClaimsSet claims) throws ParseException {
        String keyId = claims.getSubject();
        String tokenId = claims.getJWTID();
        String scope = claims.getStringClaim(SCOPE);
        var issued = claims.getIssueTime();
        var notBefore = claims.getNotBeforeTime();
        var expires = claims.getExpirationTime();
        if (keyId == null
                || tokenId == null
                || scope == null
                || issued == null
                || notBefore == null
                || expires == null) {
            throw new ParseException("A claim is missing", 0);
        }
        var scopes = new HashSet<>(List.of(scope.split(" ")));
        scopes.removeAll(Scope.KEYS_ALONE);
        var models = claims.getStringListClaim(MODELS);
        var cidrs = claims.getStringListClaim(CIDRS);
        return new TokenClaims(
                keyId,
                tokenId,
                Set.copyOf(scopes),
                issued.toInstant(),
                notBefore.toInstant(),
                expires.toInstant(),
                new Restrictions(
                        models == null ? null : Set.copyOf(models),
                        number(claims, MAX_TOKENS),
                        cidrs == null ? null : cidrs.stream().map(Cidr::of).toList()),
                new Limits(
                        number(claims, REQUESTS_PER_MINUTE),
                        number(claims, TOKENS_PER_MINUTE),
                        number(claims, CONCURRENT_REQUESTS),
                        null,
                        null));
    }

    /**
     * Refuses a time that is none. The library's own reader makes milliseconds of the seconds, without a look at whether they
     * fit: a time far ahead would be one long ago.
     */
    static void requireTimes(@Nullable Map<String, Object> payload) throws ParseException {
        for (String name : List.of("iat", "nbf", "exp")) {
            Object time = payload == null ? null : payload.get(name);
            if (!(time instanceof Number seconds)
                    || !(seconds.doubleValue() >= 0 && seconds.doubleValue() <= LAST_SECOND)) {
                throw new ParseException(name + " is no time", 0);
            }
        }
    }

    /** The library's own reader cuts a number that is too large, or has a fraction, to one that is not what was said. */
    private static @Nullable Integer number(JWTClaimsSet claims, String name) throws ParseException {
        Object value = claims.getClaim(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Integer || value instanceof Long) {
            long number = ((Number) value).longValue();
            if (number == (int) number) {
                return (int) number;
            }
        }
        throw new ParseException(name + " is no whole number that fits", 0);
    }
}
