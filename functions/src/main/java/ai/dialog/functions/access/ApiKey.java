package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an API key: everything but the key.
 *
 * @param id finds the record, and is part of the key's text
 * @param salt 16 random bytes, Base64
 * @param hash SHA-256 of salt and key, Base64; see {@link KeyHash}
 * @param owner whom it was made for
 * @param account what its use is counted under: the id of the first key of its line, so that a rotated key has no second
 *     budget; null for its own id
 * @param tenant what shares caches
 * @param created when it was made
 * @param expires when it ends
 * @param revoked when it was taken back, null while it is good
 * @param successor the id of the key that replaced it; null where none did
 * @param scopes what it may do, of {@link Scope}'s names
 * @param restrictions what it may not do all the same; null for nothing
 * @param limits how much it may use; null for as much as it likes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ApiKey(
        String id,
        String salt,
        String hash,
        String owner,
        @Nullable String account,
        String tenant,
        Instant created,
        Instant expires,
        @Nullable Instant revoked,
        @Nullable String successor,
        Set<String> scopes,
        @Nullable Restrictions restrictions,
        @Nullable Limits limits) {

    /** How long a key is good where nobody says otherwise. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

    public ApiKey {
        // a file that somebody edited may lack one
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(salt, "salt");
        Objects.requireNonNull(hash, "hash");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(created, "created");
        Objects.requireNonNull(expires, "expires");
        Objects.requireNonNull(scopes, "scopes");
        scopes = Set.copyOf(scopes);
    }

    /** Whether the presented text is this key; takes the same time whichever byte differs. */
    boolean matches(String presented) {
        return KeyHash.of(presented, salt).matches(hash);
    }

    /** Who calls with this key. */
    @JsonIgnore
    Principal principal() {
        return new Principal(
                id,
                owner,
                tenant,
                scopes,
                Principal.Credential.API_KEY,
                expires,
                expires,
                restrictions == null ? Restrictions.NONE : restrictions,
                List.of(new Quota(countedUnder(), limits == null ? Limits.NONE : limits)));
    }

    /** The account that its use is counted under. */
    @JsonIgnore
    public String countedUnder() {
        return account == null ? id : account;
    }

    /** When it ended, or will. */
    @JsonIgnore
    public Instant ended() {
        return revoked == null || revoked.isAfter(expires) ? expires : revoked;
    }

    /** The same key in its grace. */
    ApiKey replacedBy(String newSuccessor, Instant newExpires) {
        return new ApiKey(
                id,
                salt,
                hash,
                owner,
                account,
                tenant,
                created,
                newExpires,
                revoked,
                newSuccessor,
                scopes,
                restrictions,
                limits);
    }

    /** The same key, taken back. */
    ApiKey revokedAt(Instant when) {
        return new ApiKey(
                id,
                salt,
                hash,
                owner,
                account,
                tenant,
                created,
                expires,
                when,
                successor,
                scopes,
                restrictions,
                limits);
    }

    /** Without the hash, so that no log has it. */
    @Override
    public String toString() {
        return "ApiKey[id=" + id + ", owner=" + owner + ", expires=" + expires + "]";
    }
}
