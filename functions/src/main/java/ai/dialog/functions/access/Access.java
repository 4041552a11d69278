package ai.dialog.functions.access;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The bearer check: an API key or a token in, a {@link Principal} out. Answers from memory, in microseconds but for the
 * first request of a token.
 */
public final class Access implements AutoCloseable {

    /** Longer than any key or token of ours; both are far below 2 kB. */
    private static final int MAX_HEADER_LENGTH = 8_192;

    /** How long before its end a key's callers are told of it. */
    private static final Duration NOTICE = Duration.ofDays(14);

    private static final String SCHEME = "bearer ";

    private final KeyStore keys;
    private final Tokens tokens;
    private final InstantSource clock;

    /** A check against these keys and tokens. */
    public Access(KeyStore keys, Tokens tokens, InstantSource clock) {
        this.keys = keys;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * What {@link #open} found or made.
     *
     * @param newKey the key that was made because there was none, to be shown once; null where there was one
     */
    public record Opened(Access access, @Nullable NewKey newKey) {}

    /**
     * The access of a service on one machine: the key in {@code API_KEY}, or those of the key file, of which one is made
     * where there is none. Signing keys are made at the first start, unless another service's verify here.
     *
     * @throws IllegalArgumentException where the given key cannot be one
     * @throws IllegalStateException where a file is there and cannot be used
     * @throws java.io.UncheckedIOException where the folder cannot be read or written
     */
    public static Opened open(AccessSettings settings, InstantSource clock) {
        String given = settings.apiKey();
        if (given == null && settings.verificationKeys() != null && !Files.exists(settings.apiKeysFile())) {
            throw new IllegalStateException(
                    "%s is missing. A service with another's verification keys checks tokens against that one's key records: put its key file there, or give its API_KEY."
                            .formatted(settings.apiKeysFile()));
        }
        var tokens = new Tokens(verificationKeys(settings, clock), settings.issuer(), settings.audience(), clock);
        if (given != null) {
            return new Opened(new Access(new FixedKeyStore(given, clock.instant()), tokens, clock), null);
        }
        var store = new FileKeyStore(settings.apiKeysFile(), clock);
        return new Opened(new Access(store, tokens, clock), store.createFirst("local"));
    }

    private static VerificationKeys verificationKeys(AccessSettings settings, InstantSource clock) {
        String place = settings.verificationKeys();
        if (place == null) {
            return new FileSigningKeys(settings.signingKeysFile(), clock);
        }
        return place.matches("(?i)https?://.*")
                ? new RemoteVerificationKeys(URI.create(place), RemoteVerificationKeys.Pace.DEFAULT, clock)
                : FileVerificationKeys.open(Path.of(place), clock);
    }

    /**
     * Checks the request's {@code Authorization} header, and whether its credential may be used from the caller's address.
     *
     * @param headers names in lower case
     * @param address the caller's, not a proxy's
     * @throws AccessException where it is missing, there twice, too long, not good, or not for that address
     */
    public Principal authenticate(Map<String, List<String>> headers, InetAddress address) {
        var principal = check(credential(headers));
        if (!principal.restrictions().allowsFrom(address)) {
            throw AccessException.addressNotAllowed(
                    "The API key '%s' may not be used from the address %s. Its owner can allow more."
                            .formatted(principal.keyId(), address.getHostAddress()));
        }
        return principal;
    }

    private static String credential(Map<String, List<String>> headers) {
        var values = headers.getOrDefault("authorization", List.of());
        if (values.isEmpty()) {
            throw AccessException.unauthenticated(AccessException.MISSING);
        }
        if (values.size() > 1) {
            throw AccessException.unauthenticated("There is more than one Authorization header. Send exactly one.");
        }
        String value = values.getFirst();
        if (value.length() > MAX_HEADER_LENGTH) {
            throw AccessException.unauthenticated(
                    "The Authorization header is longer than %d characters.".formatted(MAX_HEADER_LENGTH));
        }
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw AccessException.unauthenticated("The Authorization header must have the form 'Bearer YOUR_KEY'.");
        }
        return value.substring(SCHEME.length()).strip();
    }

    private Principal check(String credential) {
        var key = keys.byText(credential);
        if (key != null) {
            requireGood(key);
            return key.principal();
        }
        if (!Tokens.looksLikeOne(credential)) {
            // the credential is not repeated, not even in part
            throw AccessException.unauthenticated("Incorrect API key provided.");
        }
        var claims = tokens.verify(credential);
        var origin = keys.byId(claims.keyId());
        if (origin == null) {
            throw AccessException.unauthenticated("The key that the token was made with is not known here any more.");
        }
        requireGood(origin);
        return caller(origin, claims);
    }

    /** Who calls with a token: what both the token and its key allow. */
    static Principal caller(ApiKey origin, TokenClaims claims) {
        var scopes = claims.scopes().stream().filter(origin.scopes()::contains).collect(Collectors.toUnmodifiableSet());
        var maker = origin.principal();
        var quotas = new ArrayList<>(maker.quotas());
        if (!claims.limits().equals(Limits.NONE)) {
            quotas.add(new Quota(origin.countedUnder() + "/" + claims.tokenId(), claims.limits()));
        }
        return new Principal(
                maker.keyId(),
                maker.owner(),
                maker.tenant(),
                scopes,
                Principal.Credential.TOKEN,
                claims.expires().isBefore(maker.expires()) ? claims.expires() : maker.expires(),
                maker.keyExpires(),
                // the key's of now: what was taken from it since is taken from its tokens
                claims.restrictions().narrowedBy(maker.restrictions()),
                quotas);
    }

    private void requireGood(ApiKey key) {
        if (key.revoked() != null) {
            throw AccessException.unauthenticated("The API key '%s' was revoked.".formatted(key.id()));
        }
        if (!clock.instant().isBefore(key.expires())) {
            throw AccessException.unauthenticated(
                    "The API key '%s' expired at %s. Make another.".formatted(key.id(), key.expires()));
        }
    }

    /** When the caller's key ends, where that is so soon that the caller should be told; null where it is not. */
    public @Nullable Instant keyEndsSoon(Principal caller) {
        return caller.keyExpires().isAfter(clock.instant().plus(NOTICE)) ? null : caller.keyExpires();
    }

    /** The maker of tokens. */
    public Tokens tokens() {
        return tokens;
    }

    /** Ends what reads keys in the background. */
    @Override
    public void close() {
        keys.close();
        tokens.close();
    }
}
