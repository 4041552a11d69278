package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 8725 warns of, tried. */
class TokensTest {

    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "service";

    private final TestClock clock = new TestClock();
    private final VerificationKeys keys = SigningKeys.inMemory(clock);
    private final Tokens tokens = new Tokens(keys, ISSUER, AUDIENCE, clock);
    private final Principal ann = new Principal(
            "key1",
            "ann",
            "ann",
            Scope.ALL,
            Principal.Credential.API_KEY,
            clock.instant().plus(Duration.ofDays(90)),
            clock.instant().plus(Duration.ofDays(90)),
            Restrictions.NONE,
            List.of());

    private ECKey signing() {
        return Objects.requireNonNull(keys.current().signing(clock.instant()));
    }

    private JWTClaimsSet.Builder goodClaims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("key1")
                .jwtID("1")
                .claim("scope", "inference")
                .issueTime(Date.from(clock.instant()))
                .notBeforeTime(Date.from(clock.instant()))
                .expirationTime(Date.from(clock.instant().plusSeconds(3600)));
    }

    private JWSHeader.Builder goodHeader() {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType("at+jwt"))
                .keyID(signing().getKeyID());
    }

    private static String sign(JWSHeader header, JWTClaimsSet claims, ECKey key) {
        try {
            var jwt = new SignedJWT(header, claims);
            jwt.sign(new ECDSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private String withClaims(UnaryOperator<JWTClaimsSet.Builder> change) {
        return sign(goodHeader().build(), change.apply(goodClaims()).build(), signing());
    }

    private void assertForged(String token) {
        assertThatThrownBy(() -> tokens.verify(token))
                .isInstanceOf(AccessException.class)
                .hasMessage("The token is not valid here. Make one with POST /v1/tokens.");
    }

    @Test
    void anIssuedTokenSaysWhatItMust() throws ParseException {
        var issued = tokens.issue(ann, Duration.ofSeconds(60));
        var jwt = SignedJWT.parse(issued.token());
        assertThat(jwt.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
        assertThat(jwt.getHeader().getType()).hasToString("at+jwt");
        assertThat(jwt.getHeader().getKeyID()).isEqualTo(signing().getKeyID());
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo(ISSUER);
        assertThat(claims.getAudience()).containsExactly(AUDIENCE);
        assertThat(claims.getSubject()).isEqualTo("key1");
        assertThat(claims.getIssueTime()).isEqualTo(Date.from(clock.instant()));
        assertThat(claims.getNotBeforeTime()).isEqualTo(claims.getIssueTime());
        assertThat(claims.getExpirationTime())
                .isEqualTo(Date.from(clock.instant().plusSeconds(60)));
        assertThat(claims.getJWTID()).isNotBlank();
        assertThat(issued.toString()).doesNotContain(issued.token());
        var verified = tokens.verify(issued.token());
        assertThat(verified.keyId()).isEqualTo("key1");
        assertThat(verified.scopes()).isEqualTo(Set.of(Scope.INFERENCE));
    }

    @Test
    void theTestsOwnTokenIsGoodSoThatTheForgeriesFailForTheirReason() {
        assertThat(tokens.verify(withClaims(claims -> claims)).keyId()).isEqualTo("key1");
    }

    @Test
    void algorithmNoneIsRefused() {
        var plain = new PlainJWT(
                new PlainHeader.Builder().type(new JOSEObjectType("at+jwt")).build(),
                goodClaims().build());
        assertForged(plain.serialize());
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\""
                                + signing().getKeyID() + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        String good = withClaims(claims -> claims);
        String body = good.substring(good.indexOf('.'));
        assertForged(header + body);
        assertForged(header + body.substring(0, body.lastIndexOf('.') + 1));
    }

    @Test
    void thePublicKeyIsNoSharedSecret() throws JOSEException {
        var secrets = List.of(
                signing().toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
                keys.current().publicText().getBytes(StandardCharsets.UTF_8),
                signing().toECPublicKey().getEncoded());
        for (byte[] secret : secrets) {
            var jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .type(new JOSEObjectType("at+jwt"))
                            .keyID(signing().getKeyID())
                            .build(),
                    goodClaims().build());
            jwt.sign(new MACSigner(secret));
            assertForged(jwt.serialize());
        }
    }

    @Test
    void anotherAlgorithmIsRefused() throws JOSEException {
        var rsa = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(signing().getKeyID())
                        .build(),
                goodClaims().build());
        rsa.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
        assertForged(rsa.serialize());
        var p384 = new ECKeyGenerator(Curve.P_384).generate();
        assertForged(sign(
                new JWSHeader.Builder(JWSAlgorithm.ES384)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(signing().getKeyID())
                        .build(),
                goodClaims().build(),
                p384));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "", "../../etc/passwd", "' OR 1=1 --", "http://evil.example/key"})
    void anotherKeyIdIsRefused(String kid) {
        assertForged(sign(goodHeader().keyID(kid).build(), goodClaims().build(), signing()));
    }

    @Test
    void aKeyOfTheAttackersIsRefusedWhereverItIsPut() throws JOSEException {
        var own = new ECKeyGenerator(Curve.P_256).keyID(signing().getKeyID()).generate();
        assertForged(sign(goodHeader().build(), goodClaims().build(), own));
        assertForged(
                sign(goodHeader().jwk(own.toPublicJWK()).build(), goodClaims().build(), own));
        assertForged(sign(
                goodHeader().keyID(null).jwk(own.toPublicJWK()).build(),
                goodClaims().build(),
                own));
    }

    @Test
    void aHeaderThatMustBeUnderstoodAndIsNotIsRefused() {
        assertForged(sign(
                goodHeader()
                        .criticalParams(Set.of("exotic"))
                        .customParam("exotic", true)
                        .build(),
                goodClaims().build(),
                signing()));
    }

    @Test
    void anotherTypeIsRefused() {
        assertForged(
                sign(goodHeader().type(JOSEObjectType.JWT).build(), goodClaims().build(), signing()));
        assertForged(sign(goodHeader().type(null).build(), goodClaims().build(), signing()));
    }

    @Test
    void aTokenForAnotherAudienceOrOfAnotherIssuerIsRefused() {
        assertForged(withClaims(claims -> claims.audience("another")));
        assertForged(withClaims(claims -> claims.audience(List.of(AUDIENCE, "another"))));
        assertForged(withClaims(claims -> claims.audience((String) null)));
        assertForged(withClaims(claims -> claims.issuer("https://evil.example")));
        assertForged(withClaims(claims -> claims.issuer(null)));
    }

    @Test
    void everyClaimIsRequired() {
        assertForged(withClaims(claims -> claims.subject(null)));
        assertForged(withClaims(claims -> claims.jwtID(null)));
        assertForged(withClaims(claims -> claims.issueTime(null)));
        assertForged(withClaims(claims -> claims.notBeforeTime(null)));
        assertForged(withClaims(claims -> claims.expirationTime(null)));
        assertForged(withClaims(claims -> claims.claim("scope", null)));
        assertForged(withClaims(claims -> claims.claim("scope", 5)));
    }

    @Test
    void aTokenCannotLiveLongerThanAWeekWhoeverSignedIt() {
        assertForged(withClaims(
                claims -> claims.expirationTime(Date.from(clock.instant().plus(Duration.ofDays(8))))));
        assertForged(
                withClaims(claims -> claims.issueTime(Date.from(clock.instant().plusSeconds(31)))));
    }

    @Test
    void aTokenEndsWithTheClocksTolerance() {
        String token = tokens.issue(ann, Duration.ofSeconds(60)).token();
        clock.forward(Duration.ofSeconds(89));
        assertThat(tokens.verify(token).keyId()).isEqualTo("key1");
        clock.forward(Duration.ofSeconds(1));
        assertThatThrownBy(() -> tokens.verify(token))
                .isInstanceOf(AccessException.class)
                .hasMessageContaining("expired at");
    }

    @Test
    void aTokenIsNotGoodBeforeItsTime() {
        String token = withClaims(
                claims -> claims.notBeforeTime(Date.from(clock.instant().plusSeconds(31))));
        assertThatThrownBy(() -> tokens.verify(token)).hasMessageContaining("not valid before");
        clock.forward(Duration.ofSeconds(1));
        assertThat(tokens.verify(token).keyId()).isEqualTo("key1");
    }

    @Test
    void oneChangedCharacterAnywhereIsSeen() {
        String good = tokens.issue(ann, Duration.ofSeconds(60)).token();
        assertThat(tokens.verify(good)).isNotNull();
        for (int i = 0; i < good.length(); i += 7) {
            char other = good.charAt(i) == 'A' ? 'B' : 'A';
            String changed = good.substring(0, i) + other + good.substring(i + 1);
            assertThatThrownBy(() -> tokens.verify(changed)).isInstanceOf(AccessException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a.b.c", "eyJ.eyJ.eyJ", "ey..", "e30.e30.", "e30.e30.e30.e30.e30"})
    void whatIsNoTokenIsRefused(String token) {
        assertForged(token);
    }

    @Test
    void aTokensLifeIsBounded() {
        for (var lifetime : List.of(
                Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(7).plusSeconds(1))) {
            assertThatThrownBy(() -> tokens.issue(ann, lifetime)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(tokens.issue(ann, Duration.ofDays(7)).token()).isNotBlank();
    }
}
