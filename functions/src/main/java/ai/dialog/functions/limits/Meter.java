package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import reactor.core.publisher.Mono;

/**
 * Where accounts are kept: in this process's memory, or in a table that several processes share. All of it may be called
 * from a thread that must not block.
 *
 * <p>Each operation can be repeated: a reservation that is held is not held twice, and one that is not held any more is not
 * settled again.
 */
public interface Meter {

    /**
     * Holds back what a request can take at most, for {@link Reservation#LEASE}. Fails with a
     * {@link LimitExceededException} where it does not fit, with an
     * {@link ai.dialog.functions.inference.InferenceException} of the kind {@code UNAVAILABLE} where the account cannot be
     * reached: what cannot be counted is refused.
     *
     * @param reported what to charge if the lease ends without a settlement
     */
    Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported);

    /**
     * Puts the lease's end off to {@link Reservation#LEASE} from now. Gives false where the reservation is not held any
     * more: the request must then end. Fails where the account cannot be reached.
     */
    Mono<Boolean> renew(Reservation reservation, Use reported);

    /** Gives back what the request did not take. Fails where the account cannot be reached: the lease then ends. */
    Mono<Void> settle(Reservation reservation, Use spent);

    /** How an account stands. Fails where it cannot be reached. */
    Mono<Standing> look(Quota quota);
}
