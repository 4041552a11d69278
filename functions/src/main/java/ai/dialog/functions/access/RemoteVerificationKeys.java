package ai.dialog.functions.access;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of another service, from its {@code /.well-known/jwks.json}: read at the start and every 30 seconds after
 * that, beside the requests, so that a new key is here long before it signs. Through an outage the last good set stays in
 * force for a day; then no token is taken.
 */
public final class RemoteVerificationKeys implements VerificationKeys {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteVerificationKeys.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final URI address;
    private final Pace pace;
    private final InstantSource clock;
    private final HttpClient client;
    private final Thread reader;
    private volatile @Nullable Copy copy;

    private record Copy(JwkSet set, Instant read) {}

    /**
     * How often, and how long without.
     *
     * @param refresh between two readings
     * @param retry after one that failed
     * @param outage how long a set is good that cannot be read again
     */
    public record Pace(Duration refresh, Duration retry, Duration outage) {

        /** A new key is published minutes before it signs; a token lives a week at most, an operator answers in a day. */
        public static final Pace DEFAULT = new Pace(Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofDays(1));
    }

    /**
     * Begins to read. Where the first reading fails, tokens are refused as {@code UNAVAILABLE} until one succeeds.
     *
     * @param address http or https; a redirect is not followed
     * @throws IllegalArgumentException where it is no such address
     */
    public RemoteVerificationKeys(URI address, Pace pace, InstantSource clock) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http"))
                || address.getHost() == null
                || address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "The address of the verification keys must be like https://example.org/.well-known/jwks.json");
        }
        this.address = address;
        this.pace = pace;
        this.clock = clock;
        this.client = HttpClient.newBuilder()
                .connectTimeout(TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.reader = Thread.ofVirtual().name("verification-keys").unstarted(this::read);
        refresh();
        reader.start();
    }

    @Override
    public JwkSet current() {
        var last = copy;
        if (last == null || clock.instant().isAfter(last.read().plus(pace.outage()))) {
            throw AccessException.unavailable(
                    "Tokens cannot be checked now: the keys that verify them cannot be read. Try again, or use an API key.");
        }
        return last.set();
    }

    private void read() {
        try {
            boolean good = copy != null;
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(good ? pace.refresh() : pace.retry());
                good = refresh();
            }
        } catch (InterruptedException e) {
            // closed
            Thread.currentThread().interrupt();
        }
    }

    private boolean refresh() {
        try {
            var request = HttpRequest.newBuilder(address)
                    .timeout(TIMEOUT)
                    .header("Accept", "application/json")
                    .build();
            var response = client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), JwkSet.MAX_BYTES));
            if (response.statusCode() != 200) {
                throw new IllegalStateException(address + " answered " + response.statusCode());
            }
            copy = new Copy(JwkSet.parsePublic(response.body(), address.toString()), clock.instant());
            return true;
        } catch (IOException | IllegalStateException e) {
            LOG.warn("The verification keys cannot be read: {}", e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Reads no more. */
    @Override
    public void close() {
        reader.interrupt();
        client.shutdownNow();
    }
}
