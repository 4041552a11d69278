package ai.dialog.functions.access;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * API keys in a JSON file that only its owner can read. A key that is put into the file, by this process or another, is seen at
 * once, and every other change within a second; a file that turns unreadable leaves the last good copy in force.
 */
public final class FileKeyStore implements KeyRegistry {

    private final WatchedFile<Map<String, ApiKey>> file;
    private final InstantSource clock;

    /**
     * Opens a store; the file need not be there yet.
     *
     * @throws IllegalStateException where it is there and cannot be used
     */
    public FileKeyStore(Path path, InstantSource clock) {
        var kept = new PrivateFile(path);
        this.clock = clock;
        this.file = new WatchedFile<>(kept, new Format(kept.path().toString()), clock);
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        String id = NewKey.idOf(presented);
        var key = id == null ? null : byId(id);
        return key != null && key.matches(presented) ? key : null;
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        var known = file.current().get(id);
        // one that was made just now is good just now
        return known == null ? file.fresh().get(id) : known;
    }

    @Override
    public List<ApiKey> all() {
        return file.current().values().stream()
                .sorted((a, b) -> a.created().compareTo(b.created()))
                .toList();
    }

    /** Makes a key and keeps its hash. */
    public NewKey create(String owner, Set<String> scopes, Duration lifetime) {
        return new KeyLifecycle(this, clock).create(KeySpec.of(owner, scopes, lifetime));
    }

    /** Makes a key where there is none at all; null where there are some, made perhaps by another process just now. */
    public @Nullable NewKey createFirst(String owner) {
        var made = NewKey.make(KeySpec.of(owner), clock.instant());
        change(keys -> keys.isEmpty() ? List.of(made.key()) : keys);
        return byId(made.key().id()) == null ? null : made;
    }

    @Override
    public void change(UnaryOperator<List<ApiKey>> change) {
        file.change(keys -> byId(change.apply(List.copyOf(keys.values()))));
    }

    /** In the document's order, which is part of what is kept. */
    private static Map<String, ApiKey> byId(List<ApiKey> keys) {
        var byId = new LinkedHashMap<String, ApiKey>();
        keys.forEach(key -> byId.put(key.id(), key));
        return Collections.unmodifiableMap(byId);
    }

    private record Format(String source) implements WatchedFile.Format<Map<String, ApiKey>> {
        @Override
        public Map<String, ApiKey> parse(byte @Nullable [] content) {
            return byId(KeyDocument.parse(content, source).keys());
        }

        @Override
        public byte[] bytes(Map<String, ApiKey> keys) {
            return new KeyDocument(List.copyOf(keys.values())).bytes();
        }
    }
}
