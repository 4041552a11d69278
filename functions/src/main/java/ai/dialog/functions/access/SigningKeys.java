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
import java.nio.file.Path;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The ES256 key pairs that tokens are signed with. The first signs; all of them verify, so that a new one can be put
 * before an old one, which stays until its last token has ended.
 */
public final class SigningKeys {

    private final List<ECKey> keys;
    private final Map<String, ECKey> byId;

    private SigningKeys(List<ECKey> keys) {
        this.keys = List.copyOf(keys);
        this.byId = keys.stream().collect(Collectors.toUnmodifiableMap(ECKey::getKeyID, Function.identity()));
    }

    /** The key pairs of a JWK set in a file that only its owner can read; one is made where there is no file. */
    public static SigningKeys open(Path path, InstantSource clock) {
        var file = new PrivateFile(path);
        file.change(content -> content == null ? bytes(new JWKSet(generate(clock))) : null);
        byte[] content = file.read();
        if (content == null) {
            throw new IllegalStateException(path + " was there and is gone");
        }
        try {
            return of(JWKSet.parse(new String(content, StandardCharsets.UTF_8)), path.toString());
        } catch (ParseException e) {
            // without the cause: its message may hold a piece of the private key
            throw new IllegalStateException(path + " is not a JWK set of signing keys");
        }
    }

    /** Key pairs that live as long as the process, for tests and for a service that makes no tokens. */
    public static SigningKeys inMemory(InstantSource clock) {
        return new SigningKeys(List.of(generate(clock)));
    }

    private static SigningKeys of(JWKSet set, String source) {
        var keys = set.getKeys().stream()
                .filter(key -> key instanceof ECKey ec
                        && Curve.P_256.equals(ec.getCurve())
                        && ec.isPrivate()
                        && ec.getKeyID() != null)
                .map(JWK::toECKey)
                .toList();
        if (keys.isEmpty() || keys.size() != set.size()) {
            throw new IllegalStateException(source + " must have private P-256 keys with a kid, and no others");
        }
        return new SigningKeys(keys);
    }

    ECKey signing() {
        return keys.getFirst();
    }

    @Nullable
    ECKey byId(String kid) {
        return byId.get(kid);
    }

    /** The public halves as a JWK set, for {@code /.well-known/jwks.json}. */
    public String publicSet() {
        return new JWKSet(List.copyOf(keys)).toString(true);
    }

    private static ECKey generate(InstantSource clock) {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .algorithm(JWSAlgorithm.ES256)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true) // RFC 7638
                    .issueTime(Date.from(clock.instant()))
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("Cannot make a P-256 key pair", e);
        }
    }

    private static byte[] bytes(JWKSet set) {
        return set.toString(false).getBytes(StandardCharsets.UTF_8);
    }
}
