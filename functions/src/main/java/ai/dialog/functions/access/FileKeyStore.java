package ai.dialog.functions.access;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API keys in a JSON file that only its owner can read. A change of the file, by this process or another, is seen within a
 * second; a file that turns unreadable leaves the last good copy in force.
 */
public final class FileKeyStore implements KeyRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(FileKeyStore.class);
    private static final Duration RELOAD_INTERVAL = Duration.ofSeconds(1);

    private final PrivateFile file;
    private final InstantSource clock;
    private volatile Loaded loaded;

    private record Loaded(Map<String, ApiKey> byId, PrivateFile.@Nullable Version version, long checkedAtMillis) {}

    /**
     * Opens a store; the file need not be there yet.
     *
     * @throws IllegalStateException where it is there and cannot be used
     */
    public FileKeyStore(Path path, InstantSource clock) {
        this.file = new PrivateFile(path);
        this.clock = clock;
        this.loaded = load();
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        String id = NewKey.idOf(presented);
        var key = id == null ? null : current().byId().get(id);
        return key != null && key.matches(presented) ? key : null;
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        return current().byId().get(id);
    }

    @Override
    public List<ApiKey> all() {
        return current().byId().values().stream()
                .sorted((a, b) -> a.created().compareTo(b.created()))
                .toList();
    }

    /** Makes a key and keeps its hash. */
    public NewKey create(String owner, Set<String> scopes, Duration lifetime) {
        var made = NewKey.make(owner, scopes, clock.instant(), lifetime);
        change(keys -> {
            var more = new ArrayList<>(keys);
            more.add(made.key());
            return more;
        });
        return made;
    }

    /** Makes a key where there is none at all; null where there are some, made perhaps by another process just now. */
    public @Nullable NewKey createFirst(String owner) {
        var made = NewKey.make(owner, Scope.ALL, clock.instant(), ApiKey.DEFAULT_LIFETIME);
        change(keys -> keys.isEmpty() ? List.of(made.key()) : keys);
        return current().byId().containsKey(made.key().id()) ? made : null;
    }

    /** Takes a key back, and with it every token made with it; false where there is no such key. */
    public boolean revoke(String id) {
        var now = clock.instant();
        change(keys -> keys.stream()
                .map(key -> key.id().equals(id) && key.revoked() == null ? key.revokedAt(now) : key)
                .toList());
        return current().byId().containsKey(id);
    }

    @Override
    public void change(UnaryOperator<List<ApiKey>> change) {
        file.change(content -> {
            var before = parse(content);
            var after = change.apply(before);
            return after.equals(before) ? null : new KeyDocument(after).bytes();
        });
        reload();
    }

    /** One at a time, so that what was read later is also what stays. */
    private synchronized Loaded reload() {
        loaded = load();
        return loaded;
    }

    private Loaded current() {
        var last = loaded;
        if (Math.abs(clock.millis() - last.checkedAtMillis()) < RELOAD_INTERVAL.toMillis()) {
            return last;
        }
        return checked();
    }

    private synchronized Loaded checked() {
        var last = loaded;
        try {
            var version = file.version();
            if (version == null || !version.equals(last.version())) {
                return reload();
            }
        } catch (RuntimeException e) {
            LOG.warn("The key file cannot be read again; the keys read before stay in force", e);
        }
        loaded = new Loaded(last.byId(), last.version(), clock.millis());
        return loaded;
    }

    private Loaded load() {
        // the version first: a change in between is then seen at the next look
        var version = file.version();
        var keys = parse(file.read());
        return new Loaded(
                keys.stream().collect(Collectors.toUnmodifiableMap(ApiKey::id, Function.identity())),
                version,
                clock.millis());
    }

    private List<ApiKey> parse(byte @Nullable [] content) {
        return KeyDocument.parse(content, file.path().toString()).keys();
    }
}
