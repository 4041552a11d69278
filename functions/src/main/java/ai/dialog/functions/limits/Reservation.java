package ai.dialog.functions.limits;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * A request's claim on an account.
 *
 * @param account whose limits it is counted under
 * @param id unlike any other of the account
 * @param most what the request can take at most
 * @param made when it was made
 */
public record Reservation(String account, String id, Use most, Instant made) {

    /**
     * How long a reservation holds without being renewed. A holder that died keeps what it held for this long at most; one
     * that lives renews it three times meanwhile, so that one lost renewal does no harm.
     */
    public static final Duration LEASE = Duration.ofSeconds(60);

    // two clones of a process that was restored from a snapshot must not make the same ids; only this generator's
    // randomness comes from the system each time
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A new one. */
    static Reservation of(String account, Use most, Instant now) {
        byte[] id = new byte[12];
        RANDOM.nextBytes(id);
        return new Reservation(account, Base64.getUrlEncoder().encodeToString(id), most, now);
    }
}
