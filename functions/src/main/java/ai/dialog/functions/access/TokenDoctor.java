package ai.dialog.functions.access;

import ai.dialog.functions.access.Diagnosis.Notes;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Looks at a token part by part, where {@link Tokens} says no and nothing more. */
final class TokenDoctor {

    private final @Nullable VerificationKeys keys;
    private final String issuer;
    private final String audience;
    private final InstantSource clock;

    TokenDoctor(@Nullable VerificationKeys keys, String issuer, String audience, InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.audience = audience;
        this.clock = clock;
    }

    /** What it says, whether or not it is to be believed; null where it says nothing that can be read. */
    @Nullable
    TokenClaims examine(String token, Notes notes) {
        if (token.length() > Tokens.MAX_LENGTH) {
            notes.failed(
                    "form", "it has %d characters; at most %d are read".formatted(token.length(), Tokens.MAX_LENGTH));
            return null;
        }
        try {
            if (!(JWTParser.parse(token) instanceof SignedJWT jwt)) {
                notes.failed("form", "a token that is not signed, or is encrypted: this service makes neither");
                return null;
            }
            notes.ok("form", "a signed token, which says:");
            var set = jwt.getJWTClaimsSet();
            signature(jwt, notes);
            names(set, notes);
            TokenClaims.requireTimes(jwt.getPayload().toJSONObject());
            var claims = TokenClaims.read(set);
            times(claims, notes);
            return claims;
        } catch (ParseException | RuntimeException e) {
            notes.failed(
                    "form",
                    "it cannot be read as a token of this service: cut off, or a claim is missing or malformed");
            return null;
        }
    }

    private void signature(SignedJWT jwt, Notes notes) {
        var header = jwt.getHeader();
        String algorithm = String.valueOf(header.getAlgorithm());
        if (!algorithm.equals("ES256")) {
            notes.failed("algorithm", "%s; this service signs with ES256 alone".formatted(Diagnosis.shown(algorithm)));
        }
        String type = String.valueOf(header.getType());
        if (!type.equals("at+jwt")) {
            notes.failed("type", "%s, not at+jwt: a token, but no access token".formatted(Diagnosis.shown(type)));
        }
        var source = keys;
        if (source == null) {
            notes.note("signature", "not checked: the service's signing keys are not at hand");
            return;
        }
        String kid = String.valueOf(header.getKeyID());
        var set = source.current();
        var key = set.verifying(kid, clock.instant());
        if (key == null) {
            var known = set.described(clock.instant()).stream()
                    .filter(JwkSet.Described::verifies)
                    .map(JwkSet.Described::kid)
                    .collect(Collectors.joining(", "));
            notes.failed(
                    "signing key",
                    "'%s' is none of the signing keys here (%s): another service's, or ended or replaced since"
                            .formatted(Diagnosis.shown(kid), known));
            return;
        }
        try {
            notes.check(
                    "signature",
                    algorithm.equals("ES256") && jwt.verify(new ECDSAVerifier(key.toPublicJWK())),
                    "by the key " + kid,
                    "it is not the key's: the token was changed, or cut off");
        } catch (JOSEException e) {
            notes.failed("signature", "it is none");
        }
    }

    private void names(JWTClaimsSet claims, Notes notes) {
        if (!issuer.equals(claims.getIssuer())) {
            notes.failed(
                    "issuer",
                    "'%s', and this service takes '%s'"
                            .formatted(Diagnosis.shown(String.valueOf(claims.getIssuer())), issuer));
        }
        if (!List.of(audience).equals(claims.getAudience())) {
            notes.failed(
                    "audience",
                    "it is for '%s', and this service is '%s'"
                            .formatted(Diagnosis.shown(String.join(", ", claims.getAudience())), audience));
        }
    }

    private void times(TokenClaims claims, Notes notes) {
        Instant now = clock.instant();
        var begin = claims.notBefore().isAfter(claims.issued()) ? claims.notBefore() : claims.issued();
        if (begin.isAfter(now.plus(Tokens.SKEW))) {
            notes.failed(
                    "not yet",
                    "it is good from %s, %s from now by this clock (%s). Check both clocks."
                            .formatted(begin, AccessDoctor.span(now, begin), now));
        } else if (begin.isAfter(now)) {
            notes.note(
                    "clock",
                    "it was made %s ahead of this clock; up to 30 s is let pass"
                            .formatted(AccessDoctor.span(now, begin)));
        }
        if (claims.expires().isAfter(claims.issued().plus(Tokens.MAX_LIFETIME))) {
            notes.failed("life", "it lives longer than the week that a token may");
        }
        if (now.isBefore(claims.expires().plus(Tokens.SKEW))) {
            notes.ok(
                    "token's expiry",
                    "good until %s, %s from now".formatted(claims.expires(), AccessDoctor.span(now, claims.expires())));
        } else {
            notes.failed(
                    "token's expiry",
                    "the token ended at %s, %s ago by this clock (%s). Make another: token generate"
                            .formatted(claims.expires(), AccessDoctor.span(claims.expires(), now), now));
        }
    }
}
