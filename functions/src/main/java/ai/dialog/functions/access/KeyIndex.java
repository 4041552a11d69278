package ai.dialog.functions.access;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of a {@link KeyDocument} as they were read, for look-ups from memory. Immutable. */
public final class KeyIndex implements KeyStore {

    private final Map<String, ApiKey> byId;

    /**
     * An index of keys.
     *
     * @throws IllegalStateException where two have the same id
     */
    public KeyIndex(List<ApiKey> keys) {
        this.byId = keys.stream().collect(Collectors.toUnmodifiableMap(ApiKey::id, Function.identity()));
    }

    @Override
    public @Nullable ApiKey byText(String presented) {
        String id = NewKey.idOf(presented);
        var key = id == null ? null : byId.get(id);
        return key != null && key.matches(presented) ? key : null;
    }

    @Override
    public @Nullable ApiKey byId(String id) {
        return byId.get(id);
    }

    /** Every key, oldest first. */
    public List<ApiKey> all() {
        return byId.values().stream()
                .sorted(Comparator.comparing(ApiKey::created).thenComparing(ApiKey::id))
                .toList();
    }
}
