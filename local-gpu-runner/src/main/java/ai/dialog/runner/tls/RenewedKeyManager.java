package ai.dialog.runner.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each handshake the newest identity. Whether there is a newer one is looked up at most every ten seconds, by the handshake
 * that happens to come then; one that cannot be used leaves the last good one in force.
 */
final class RenewedKeyManager extends X509ExtendedKeyManager {

    private static final Logger LOG = LoggerFactory.getLogger(RenewedKeyManager.class);

    /** A small part of the minute in which a renewed certificate is to be in use. */
    static final Duration INTERVAL = Duration.ofSeconds(10);

    private final UnaryOperator<Identity> renewal;
    private final long interval;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile Held held;
    private volatile long lookedAt = System.nanoTime();
    private volatile @Nullable String complaint;

    /** A handshake asks several times: the one that began with the identity before this gets it to its end. */
    private record Held(Identity now, @Nullable Identity before) {}

    /**
     * A manager of one identity and those that follow.
     *
     * @param renewal from the identity in use to the newest, which may be the same; fails where there is one that is not good
     * @param interval how long nobody looks again
     */
    RenewedKeyManager(Identity first, UnaryOperator<Identity> renewal, Duration interval) {
        this.held = new Held(first, null);
        this.renewal = renewal;
        this.interval = interval.toNanos();
    }

    Identity current() {
        if (System.nanoTime() - lookedAt >= interval && looking.tryLock()) {
            try {
                lookedAt = System.nanoTime();
                var newest = renewal.apply(held.now());
                if (!newest.equals(held.now())) {
                    held = new Held(newest, held.now());
                }
                complaint = null;
            } catch (RuntimeException e) {
                String why = String.valueOf(e.getMessage());
                if (!why.equals(complaint)) {
                    complaint = why;
                    LOG.warn("The certificate was not renewed, the last one stays in use: {}", why);
                }
            } finally {
                looking.unlock();
            }
        }
        return held.now();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        var identity = current();
        return identity.key().getAlgorithm().equals(keyType) ? identity.fingerprint() : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        var identity = byAlias(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        var identity = byAlias(alias);
        return identity == null ? null : identity.key();
    }

    private @Nullable Identity byAlias(String alias) {
        var known = held;
        if (known.now().fingerprint().equals(alias)) {
            return known.now();
        }
        var before = known.before();
        return before != null && before.fingerprint().equals(alias) ? before : null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
