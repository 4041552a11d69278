package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.JwkSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The secret with the key pairs that tokens are signed with, and beside it the one with their public halves, which verifiers
 * read. A new pair is in both, and every verifier has had time to read it, before it signs; an old one verifies until the last
 * token that it signed has ended (see {@link JwkSet}). Where the set is {@code {"keys": []}}, the first rotation makes the first
 * pair.
 */
final class SigningSecret implements RotatedSecret {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String arn;
    private final StoredSecret publicKeys;
    private final Duration headStart;
    private final InstantSource clock;

    /**
     * A secret of key pairs.
     *
     * @param headStart how long a new pair is published before it signs
     */
    SigningSecret(String arn, StoredSecret publicKeys, Duration headStart, InstantSource clock) {
        this.arn = arn;
        this.publicKeys = publicKeys;
        this.headStart = headStart;
        this.clock = clock;
    }

    @Override
    public String next(String current) {
        var now = clock.instant();
        var set = isEmpty(current) ? JwkSet.generate(now) : pairs(current).rotated(now, headStart);
        return new String(set.bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void publish(String current, String pending) {
        String publicText = pairs(pending).publicText();
        publicKeys.change(published -> samePublicKeys(published, publicText) ? published : publicText);
    }

    @Override
    public Instant prove(String pending) {
        var published = publicKeys.current();
        if (!samePublicKeys(published.text(), pairs(pending).publicText())) {
            throw new IllegalStateException("The secret %s does not have the public keys of the version that waits"
                    .formatted(publicKeys.arn()));
        }
        return published.created();
    }

    /** Nothing is left to do: when the old pair ends is in the set. */
    @Override
    public void retire(String inForce, @Nullable String before) {}

    private JwkSet pairs(String text) {
        return JwkSet.parse(text.getBytes(StandardCharsets.UTF_8), "The secret " + arn);
    }

    private boolean samePublicKeys(String published, String wanted) {
        return !isEmpty(published) && publicSet(published).equals(publicSet(wanted));
    }

    private JwkSet publicSet(String text) {
        return JwkSet.parsePublic(text.getBytes(StandardCharsets.UTF_8), "The secret " + publicKeys.arn());
    }

    private static boolean isEmpty(String text) {
        try {
            var keys = JSON.readTree(text).path("keys");
            return keys.isArray() && keys.isEmpty();
        } catch (JacksonException notJson) {
            return false;
        }
    }
}
