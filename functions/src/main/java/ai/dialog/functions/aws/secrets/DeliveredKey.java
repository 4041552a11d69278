package ai.dialog.functions.aws.secrets;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A secret that a caller's application reads its API key from: {@code {"owner": "…", "api_key": "sk-dialog-…"}}. Where
 * {@code api_key} is no key yet, the first rotation makes one for the owner, with the {@code tenant}, {@code scopes},
 * {@code restrictions} and {@code limits} beside it, if any. The service itself never reads it: it has the hash, in the secret of
 * API keys.
 */
final class DeliveredKey implements RotatedSecret {

    /** Until then a key that ended is remembered, so that its refusal can be explained. */
    private static final Duration REMEMBERED = Duration.ofDays(90);

    private static final String API_KEY = "api_key";
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final KeySecret keys;
    private final KeyLifecycle lifecycle;
    private final Duration grace;
    private final InstantSource clock;

    /** A caller's secret, whose key is checked against these keys. */
    DeliveredKey(KeySecret keys, Duration grace, InstantSource clock) {
        this.keys = keys;
        this.lifecycle = new KeyLifecycle(keys, clock);
        this.grace = grace;
        this.clock = clock;
    }

    /** What a caller's first key is made of. */
    private record First(
            @Nullable String owner,
            @Nullable String tenant,
            @Nullable Set<String> scopes,
            @Nullable Restrictions restrictions,
            @Nullable Limits limits) {

        KeySpec spec() {
            String of = Objects.requireNonNullElse(owner, "");
            return new KeySpec(
                    of,
                    Objects.requireNonNullElseGet(tenant, () -> KeySpec.tenantOf(of)),
                    Objects.requireNonNullElse(scopes, Scope.ALL),
                    ApiKey.DEFAULT_LIFETIME,
                    Objects.requireNonNullElse(restrictions, Restrictions.NONE),
                    Objects.requireNonNullElse(limits, Limits.NONE));
        }
    }

    @Override
    public String next(String current) {
        return JSON.writeValueAsString(parse(current).put(API_KEY, NewKey.newText()));
    }

    @Override
    public void publish(String current, String pending) {
        String old = key(current);
        if (NewKey.idOf(old) == null) {
            lifecycle.adopt(pendingKey(pending), first(parse(current)));
            return;
        }
        var known = keys.byText(old);
        if (known == null) {
            throw new IllegalStateException(
                    "The API key '%s' is not among the keys, so it gets no successor. To give its owner a new one, set api_key"
                                    .formatted(NewKey.idOf(old))
                            + " to \"\" and rotate again.");
        }
        lifecycle.adopt(pendingKey(pending), known.id(), ApiKey.DEFAULT_LIFETIME);
    }

    @Override
    public Instant prove(String pending) {
        var now = keys.read();
        String text = pendingKey(pending);
        var key = now.keys().byText(text);
        if (key == null || key.revoked() != null || !clock.instant().isBefore(key.expires())) {
            throw new IllegalStateException(
                    "The new API key '%s' is not among the keys, or not good".formatted(NewKey.idOf(text)));
        }
        return now.asOf();
    }

    @Override
    public void retire(String inForce, @Nullable String before) {
        String successor = NewKey.idOf(key(inForce));
        var old = before == null ? null : keys.byText(key(before));
        // one that an operator rotated is in its grace already
        if (old != null && successor != null && old.successor() == null) {
            lifecycle.retire(old.id(), successor, grace);
        }
        lifecycle.prune(clock.instant().minus(REMEMBERED));
    }

    private static String pendingKey(String secret) {
        String key = key(secret);
        if (NewKey.idOf(key) == null) {
            throw new IllegalStateException(
                    "The version that waits has no API key; cancel the rotation and start again");
        }
        return key;
    }

    private static String key(String secret) {
        return parse(secret).path(API_KEY).asString("");
    }

    private static KeySpec first(ObjectNode secret) {
        try {
            return JSON.treeToValue(secret, First.class).spec();
        } catch (JacksonException | IllegalArgumentException e) {
            // without the cause: it may quote the secret
            throw new IllegalStateException(
                    "The secret must say whom its first key is for: {\"owner\": \"…\", \"api_key\": \"\"}, and may have tenant,"
                            + " scopes, restrictions and limits as the secret of API keys has them");
        }
    }

    private static ObjectNode parse(String text) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException notJson) {
            // told below, without the cause: it may quote the secret
        }
        throw new IllegalStateException("The secret must be a JSON object with owner and api_key");
    }
}
