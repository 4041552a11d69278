package ai.dialog.functions.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes, rotates and ends the keys of a registry. Every step is one change of it, so that two operators or processes cannot
 * lose each other's.
 *
 * <p>A rotated key's successor is good at once, and the old key stays so until its grace ends. Both are of one account: use
 * is counted together. Where the new text has to be put somewhere before it counts, as in a secret's rotation,
 * {@link #adopt} and {@link #retire} are the two halves; each can be repeated.
 */
public final class KeyLifecycle {

    /** A document of that many keys has about 6 MB. */
    public static final int MAX_KEYS = 10_000;

    /** How long a rotated key stays good where nobody says otherwise: long enough for every caller to change over. */
    public static final Duration DEFAULT_GRACE = Duration.ofDays(7);

    /** The longest grace: a longer one is no rotation but a second key. */
    public static final Duration MAX_GRACE = Duration.ofDays(90);

    private final KeyRegistry registry;
    private final InstantSource clock;

    /** The life of these keys. */
    public KeyLifecycle(KeyRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * Makes a key and keeps its hash.
     *
     * @throws IllegalStateException where there are {@link #MAX_KEYS}
     */
    public NewKey create(KeySpec spec) {
        var made = NewKey.make(spec, clock.instant());
        registry.change(keys -> with(keys, made.key()));
        return made;
    }

    /**
     * Makes the successor of a key, with the same rights, and starts the old key's grace.
     *
     * @param grace 0 to {@link #MAX_GRACE}
     * @param lifetime the successor's; null for as long as the old one was made for
     * @throws IllegalArgumentException where there is no such key
     * @throws IllegalStateException where it was revoked, or rotated before: the text of its successor was shown then
     */
    public NewKey rotate(String id, Duration grace, @Nullable Duration lifetime) {
        String text = NewKey.newText();
        var made = new AtomicReference<@Nullable ApiKey>();
        registry.change(keys -> {
            var old = find(keys, id);
            if (old.successor() != null) {
                throw new IllegalStateException(
                        "The key '%s' was rotated before; its successor is '%s'. Rotate that one."
                                .formatted(id, old.successor()));
            }
            var successor = successor(old, text, lifetime);
            made.set(successor);
            return replaced(with(keys, successor), id, key -> retired(key, successor.id(), grace));
        });
        return new NewKey(Objects.requireNonNull(made.get()), text);
    }

    /**
     * Keeps a key that was made beforehand ({@link NewKey#newText}), with the rights of the one that it is to replace; good
     * at once. Once more is the same as once.
     *
     * @throws IllegalArgumentException where the text is no key's, or there is no such predecessor
     * @throws IllegalStateException where the predecessor was revoked
     */
    public ApiKey adopt(String text, String predecessor, @Nullable Duration lifetime) {
        return adopt(text, keys -> successor(find(keys, predecessor), text, lifetime));
    }

    /**
     * Keeps a key that was made beforehand and replaces none; good at once. Once more is the same as once.
     *
     * @throws IllegalArgumentException where the text is no key's
     */
    public ApiKey adopt(String text, KeySpec spec) {
        return adopt(text, keys -> NewKey.record(text, spec, null, clock.instant()));
    }

    private ApiKey adopt(String text, Function<List<ApiKey>, ApiKey> made) {
        var adopted = new AtomicReference<@Nullable ApiKey>();
        registry.change(keys -> {
            var known = keys.stream()
                    .filter(key -> key.id().equals(NewKey.idOf(text)) && key.matches(text))
                    .findFirst();
            var key = known.orElseGet(() -> made.apply(keys));
            adopted.set(key);
            return known.isPresent() ? keys : with(keys, key);
        });
        return Objects.requireNonNull(adopted.get());
    }

    /**
     * Starts a key's grace. Once more is the same as once: an end that was set before is never moved to later.
     *
     * @throws IllegalArgumentException where there is no such key
     * @throws IllegalStateException where it has another successor
     */
    public void retire(String id, String successor, Duration grace) {
        registry.change(keys -> {
            find(keys, successor);
            return replaced(keys, id, key -> retired(key, successor, grace));
        });
    }

    /**
     * Takes a key back, and with it every token that was made with it. Its successor and its predecessor stay as they are.
     *
     * @return the key as it is now
     * @throws IllegalArgumentException where there is no such key
     */
    public ApiKey revoke(String id) {
        var now = clock.instant();
        registry.change(keys -> replaced(keys, id, key -> key.revoked() == null ? key.revokedAt(now) : key));
        return find(registry.all(), id);
    }

    /** Takes back every key of an account: a key, those before it and those after. Gives those that were still good. */
    public List<ApiKey> revokeAccount(String account) {
        var now = clock.instant();
        var revoked = new ArrayList<ApiKey>();
        registry.change(keys -> {
            var good = keys.stream()
                    .filter(key -> key.countedUnder().equals(account) && key.revoked() == null)
                    .toList();
            // called again where another changed the keys meanwhile
            revoked.clear();
            revoked.addAll(good);
            return keys.stream()
                    .map(key -> good.contains(key) ? key.revokedAt(now) : key)
                    .toList();
        });
        return List.copyOf(revoked);
    }

    /** Forgets the keys that ended before a time, and gives them. Their tokens ended with them. */
    public List<ApiKey> prune(Instant before) {
        var pruned = new ArrayList<ApiKey>();
        registry.change(keys -> {
            var dead = keys.stream().filter(key -> key.ended().isBefore(before)).toList();
            pruned.clear();
            pruned.addAll(dead);
            return keys.stream().filter(key -> !dead.contains(key)).toList();
        });
        return List.copyOf(pruned);
    }

    private ApiKey successor(ApiKey old, String text, @Nullable Duration lifetime) {
        if (old.revoked() != null) {
            throw new IllegalStateException(
                    "The key '%s' was revoked, and cannot be rotated. Make another.".formatted(old.id()));
        }
        var life = lifetime == null ? Duration.between(old.created(), old.expires()) : lifetime;
        var spec = new KeySpec(
                old.owner(),
                old.tenant(),
                old.scopes(),
                life,
                Objects.requireNonNullElse(old.restrictions(), Restrictions.NONE),
                Objects.requireNonNullElse(old.limits(), Limits.NONE));
        return NewKey.record(text, spec, old.countedUnder(), clock.instant());
    }

    private ApiKey retired(ApiKey key, String successor, Duration grace) {
        if (grace.isNegative() || grace.compareTo(MAX_GRACE) > 0) {
            throw new IllegalArgumentException(
                    "A grace must be 0 to %d days, not %s".formatted(MAX_GRACE.toDays(), grace));
        }
        if (key.successor() != null) {
            if (!key.successor().equals(successor)) {
                throw new IllegalStateException(
                        "The key '%s' has another successor, '%s'".formatted(key.id(), key.successor()));
            }
            return key;
        }
        var end = clock.instant().plus(grace);
        return key.replacedBy(successor, end.isBefore(key.expires()) ? end : key.expires());
    }

    private static List<ApiKey> with(List<ApiKey> keys, ApiKey key) {
        if (keys.size() >= MAX_KEYS) {
            throw new IllegalStateException(
                    "There are %d keys, the most that are kept. Forget dead ones first (keys prune)."
                            .formatted(keys.size()));
        }
        if (keys.stream().anyMatch(other -> other.id().equals(key.id()))) {
            throw new IllegalStateException("There is another key '%s'".formatted(key.id()));
        }
        var more = new ArrayList<>(keys);
        more.add(key);
        return more;
    }

    private static List<ApiKey> replaced(List<ApiKey> keys, String id, UnaryOperator<ApiKey> change) {
        find(keys, id);
        return keys.stream()
                .map(key -> key.id().equals(id) ? change.apply(key) : key)
                .toList();
    }

    private static ApiKey find(List<ApiKey> keys, String id) {
        return keys.stream()
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no key '%s'".formatted(shown(id))));
    }

    /** Never a whole key, given where an id belongs. */
    private static String shown(String id) {
        return id.matches("[A-Za-z0-9-]{1,20}") ? id : "…";
    }
}
