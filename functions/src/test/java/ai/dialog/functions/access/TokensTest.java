package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
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

    @Test
    void anotherSpellingOfTheSameSignatureIsRefused() {
        String good = tokens.issue(ann, Duration.ofSeconds(60)).token();
        int signature = good.lastIndexOf('.') + 1;
        for (String junk : List.of("\ufffd", " ", "=", "\n", "*", "\u0000".repeat(90))) {
            assertForged(good.substring(0, signature) + junk + good.substring(signature));
            assertForged(good + junk);
        }
        // the last character's two low bits carry nothing
        char last = good.charAt(good.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        assertForged(good.substring(0, good.length() - 1) + alphabet.charAt(alphabet.indexOf(last) ^ 1));
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

    @Test
    void aNarrowTokenSaysInWhatAndOnlyInWhat() throws ParseException {
        var grant = new TokenGrant(
                Duration.ofSeconds(60),
                new Restrictions(Set.of("b", "a"), 7, List.of(Cidr.of("192.0.2.0/24"), Cidr.of("::1"))),
                new Limits(1, 2, 3, null, null));
        String token = tokens.issue(ann, grant).token();
        var claims = SignedJWT.parse(token).getJWTClaimsSet();
        assertThat(claims.getStringListClaim("models")).containsExactly("a", "b");
        assertThat(claims.getStringListClaim("cidrs")).containsExactly("192.0.2.0/24", "0:0:0:0:0:0:0:1/128");
        assertThat(tokens.verify(token).restrictions()).isEqualTo(grant.restrictions());
        assertThat(tokens.verify(token).limits()).isEqualTo(grant.limits());
        assertThat(SignedJWT.parse(tokens.issue(ann, Duration.ofSeconds(60)).token())
                        .getJWTClaimsSet()
                        .getClaims()
                        .keySet())
                .containsExactlyInAnyOrder("iss", "aud", "sub", "iat", "nbf", "exp", "jti", "scope");
    }

    @ParameterizedTest
    @ValueSource(strings = {"models", "cidrs"})
    void anEmptyListAllowsNothingAndIsNotTheSameAsNone(String claim) {
        var restrictions = tokens.verify(withClaims(claims -> claims.claim(claim, List.of())))
                .restrictions();
        assertThat(restrictions.allowsModel("a")).isEqualTo(!claim.equals("models"));
        assertThat(restrictions.allowsFrom(InetAddress.getLoopbackAddress())).isEqualTo(!claim.equals("cidrs"));
    }

    @Test
    void aRestrictionThatCannotBeReadIsNotLeftOut() {
        assertForged(withClaims(claims -> claims.claim("models", "a")));
        assertForged(withClaims(claims -> claims.claim("models", List.of(1))));
        assertForged(withClaims(claims -> claims.claim("cidrs", List.of("anywhere"))));
        for (String claim : List.of("max_tokens", "requests_per_minute", "tokens_per_minute", "concurrent_requests")) {
            assertThat(tokens.verify(withClaims(claims -> claims.claim(claim, 5))))
                    .isNotNull();
            for (Object value : List.of(0, -1, 1.5, "5", 4_294_967_301L, true, List.of(5))) {
                assertForged(withClaims(claims -> claims.claim(claim, value)));
            }
        }
    }

    /** RFC 8725, 3.10: where a key is to be found is not for the token to say. */
    @Test
    void aKeyThatTheTokenPointsToIsNeitherFetchedNorUsed() throws JOSEException, IOException {
        var own = new ECKeyGenerator(Curve.P_256).keyID(signing().getKeyID()).generate();
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(200);
            var url = URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/jwks.json");
            assertForged(sign(goodHeader().jwkURL(url).build(), goodClaims().build(), own));
            assertForged(
                    sign(goodHeader().x509CertURL(url).build(), goodClaims().build(), own));
            assertForged(sign(
                    goodHeader()
                            .x509CertChain(List.of(com.nimbusds.jose.util.Base64.encode("certificate")))
                            .build(),
                    goodClaims().build(),
                    own));
            assertForged(sign(
                    goodHeader().keyID(url.toString()).build(), goodClaims().build(), own));
            assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 6_000, 100_000})
    void aLongKeyIdIsRefused(int length) {
        assertForged(sign(
                goodHeader().keyID("k".repeat(length)).build(), goodClaims().build(), signing()));
    }

    @Test
    void aTokenThatIsTooLongIsNotEvenRead() {
        assertForged(withClaims(claims -> claims.claim("more", "x".repeat(Tokens.MAX_LENGTH))));
        assertForged("ey" + "A".repeat(10_000_000) + ".eyA.eyA");
        assertThat(tokens.verify(withClaims(claims -> claims.claim("more", "x".repeat(1_000)))))
                .isNotNull();
    }

    /** RFC 8725, 2.2 and 3.2: signatures that only a careless verifier takes. */
    @Test
    void aSignatureOfZerosOrOfAnotherLengthIsRefused() {
        String good = withClaims(claims -> claims);
        String head = good.substring(0, good.lastIndexOf('.') + 1);
        for (int length : List.of(0, 1, 32, 63, 64, 65, 96, 128)) {
            assertForged(head + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[length]));
        }
    }

    /**
     * What is not to be shown here: that r and n - s give a second good signature of the same content. ECDSA has it so, and
     * it matters where a signature names something. Nothing here is named by a token's text: revoked is the key, counted
     * the token's id, both signed.
     */
    @Test
    void oneSignatureHasOneText() {
        String good = withClaims(claims -> claims);
        assertForged(good + "=");
        assertForged(good + "\n");
        assertForged(good.replaceFirst("\\.", "=."));
        assertForged(good + ".");
        // the last character carries four bits that say nothing
        char last = good.charAt(good.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        char twin = alphabet.charAt(alphabet.indexOf(last) ^ 1);
        assertForged(good.substring(0, good.length() - 1) + twin);
        assertThat(tokens.verify(good)).isNotNull();
    }

    @Test
    void aClaimOrHeaderThatIsThereTwiceIsRefused() throws JOSEException {
        String claims = goodClaims().build().toString();
        assertThat(tokens.verify(signed(goodHeader().build().toString(), claims)))
                .isNotNull();
        assertForged(signed(goodHeader().build().toString(), claims.replaceFirst("\\{", "{\"sub\":\"key2\",")));
        assertForged(signed(goodHeader().build().toString(), claims.replaceFirst("}$", ",\"exp\":9999999999}")));
        assertForged(signed(goodHeader().build().toString().replaceFirst("\\{", "{\"alg\":\"none\","), claims));
    }

    @Test
    void whatIsSignedButNoClaimsIsRefused() throws JOSEException {
        String header = goodHeader().build().toString();
        String nested = withClaims(claims -> claims);
        for (String payload : List.of("", "null", "[]", "5", "{}", "{", nested, "\u0000", "[".repeat(2_000))) {
            assertForged(signed(header, payload));
        }
        // RFC 8725, 3.11: a token within a token says so in its content type
        assertForged(signed(goodHeader().contentType("JWT").build().toString(), nested));
    }

    @Test
    void anEncryptedTokenIsRefused() throws JOSEException {
        var jwe = new EncryptedJWT(
                new JWEHeader.Builder(JWEAlgorithm.ECDH_ES, EncryptionMethod.A128GCM)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(signing().getKeyID())
                        .build(),
                goodClaims().build());
        jwe.encrypt(new ECDHEncrypter(signing().toECPublicKey()));
        assertForged(jwe.serialize());
        assertThat(Tokens.looksLikeOne(jwe.serialize())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775807",
                "-9223372036854775808",
                "92233720368547758080",
                "1e400",
                "1e18",
                "\"1\"",
                "true",
                "{}",
                "-1",
                "0"
            })
    void aTimeThatIsNoneOrFarAwayIsRefused(String time) throws JOSEException {
        String header = goodHeader().build().toString();
        String claims = goodClaims().build().toString();
        for (String claim : List.of("exp", "nbf", "iat")) {
            String changed = claims.replaceFirst("\"" + claim + "\":\\d+", "\"" + claim + "\":" + time);
            assertThat(changed).isNotEqualTo(claims);
            if (claim.equals("nbf")
                    && List.of("0", "-1", "-9223372036854775808").contains(time)) {
                continue; // good since long ago is good now
            }
            assertThatThrownBy(() -> tokens.verify(signed(header, changed)))
                    .as("%s %s", claim, time)
                    .isInstanceOf(AccessException.class);
        }
    }

    /** Any header and payload with a good signature of the service's own. */
    private String signed(String header, String payload) throws JOSEException {
        var encoder = Base64.getUrlEncoder().withoutPadding();
        String input = encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(payload.getBytes(StandardCharsets.UTF_8));
        return input + "."
                + new ECDSASigner(signing()).sign(goodHeader().build(), input.getBytes(StandardCharsets.US_ASCII));
    }
}
