package ai.dialog.functions.limits;

import ai.dialog.functions.access.Quota;
import ai.dialog.functions.inference.InferenceException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What one request holds, of all its accounts: reserved before it runs, renewed while it runs, settled once. */
final class Holding {

    private static final Logger LOG = LoggerFactory.getLogger(Holding.class);

    /** How often it looks whether there is something to renew or to report. */
    static final Duration TICK = Duration.ofSeconds(5);

    private static final Duration RENEWAL = Reservation.LEASE.dividedBy(3);

    /** So long before the lease's end a request that could not renew it ends: for clocks that differ, and for its own end. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final Meter meter;
    private final InstantSource clock;
    private final List<Quota> quotas;
    private final Estimate estimate;
    private final Tally tally;
    private final List<CompletableFuture<Reservation>> reservations = new CopyOnWriteArrayList<>();
    private volatile Instant renewed;
    private volatile boolean begun;
    private volatile boolean lost;

    Holding(Meter meter, InstantSource clock, List<Quota> quotas, Estimate estimate, Tally tally) {
        this.meter = meter;
        this.clock = clock;
        this.quotas = quotas;
        this.estimate = estimate;
        this.tally = tally;
        this.renewed = clock.instant();
    }

    /** Reserves under all quotas, one after the other; fails with the first refusal. */
    Mono<Void> reserve(Standings standings) {
        return Flux.fromIterable(quotas)
                .concatMap(quota -> reserve(quota, standings), 1)
                .then();
    }

    /** A caller that leaves meanwhile does not stop it: only a reservation whose outcome is known can be given back. */
    private Mono<Reservation> reserve(Quota quota, Standings standings) {
        var reservation = Reservation.of(quota.account(), estimate.most(), clock.instant());
        var made = meter.reserve(reservation, quota.limits(), tally.report())
                .doOnNext(standings::add)
                .doOnError(LimitExceededException.class, refusal -> standings.add(refusal.standing()))
                .thenReturn(reservation)
                .toFuture();
        reservations.add(made);
        return Mono.fromFuture(made, true);
    }

    /** From now on the request counts. */
    void begin() {
        begun = true;
    }

    /**
     * Ends only when the request must not go on; {@link #failure} then says why. An error of its own would not cancel what it
     * is to end ({@code takeUntilOther}).
     */
    Mono<Void> keep() {
        return Flux.interval(TICK)
                .onBackpressureDrop()
                .concatMap(tick -> renewIfDue(), 1)
                .takeWhile(held -> held)
                .then();
    }

    private Mono<Boolean> renewIfDue() {
        var now = clock.instant();
        if (now.isBefore(renewed.plus(RENEWAL)) && !tally.catchesUp()) {
            return Mono.empty();
        }
        var report = tally.report();
        return Flux.fromIterable(reservations)
                .concatMap(made -> Mono.fromFuture(made, true))
                .concatMap(reservation -> meter.renew(reservation, report))
                .all(held -> held)
                .doOnNext(held -> renewed = held ? now : renewed)
                .onErrorResume(error -> mayGoOn() ? Mono.empty() : Mono.just(false))
                .doOnNext(held -> lost = !held);
    }

    /** Fails where {@link #keep} has ended. */
    <T> Mono<T> failure() {
        return Mono.defer(() -> lost ? Mono.error(lost()) : Mono.empty());
    }

    private boolean mayGoOn() {
        return clock.instant().isBefore(renewed.plus(Reservation.LEASE).minus(MARGIN));
    }

    private static InferenceException lost() {
        return new InferenceException(
                InferenceException.Kind.UNAVAILABLE,
                "The limits of this key could not be kept while the answer was made, so it ends here. Try again.");
    }

    /**
     * Settles what was reserved. It does not fail, because the answer is there: what cannot be settled now is settled by the
     * end of its lease.
     *
     * @param error why the request failed; null where it ended or its caller left
     */
    Mono<Void> settle(@Nullable Throwable error) {
        var spent = begun ? tally.spent(error) : Use.NONE;
        if (spent.tokens() > estimate.most().tokens()) {
            LOG.error(
                    "A request took {} tokens where at most {} were thought possible",
                    spent.tokens(),
                    estimate.most().tokens());
        }
        return Flux.fromIterable(reservations)
                .flatMap(made -> Mono.fromFuture(made, true)
                        // what was refused is not held
                        .onErrorComplete()
                        .flatMap(reservation -> meter.settle(reservation, spent))
                        .onErrorResume(failure -> {
                            LOG.warn("A reservation is held to the end of its lease: {}", failure.getMessage());
                            return Mono.empty();
                        }))
                .then();
    }
}
