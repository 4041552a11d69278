package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import reactor.core.publisher.Mono;

/** Another meter, for a test to change a part of. */
public class DelegatingMeter implements Meter {

    private final Meter real;

    public DelegatingMeter(Meter real) {
        this.real = real;
    }

    @Override
    public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
        return real.reserve(reservation, limits, reported);
    }

    @Override
    public Mono<Boolean> renew(Reservation reservation, Use reported) {
        return real.renew(reservation, reported);
    }

    @Override
    public Mono<Void> settle(Reservation reservation, Use spent) {
        return real.settle(reservation, spent);
    }

    @Override
    public Mono<Standing> look(Quota quota) {
        return real.look(quota);
    }
}
