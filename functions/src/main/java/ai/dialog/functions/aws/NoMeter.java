package ai.dialog.functions.aws;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.Reservation;
import ai.dialog.functions.limits.Standing;
import ai.dialog.functions.limits.Use;
import reactor.core.publisher.Mono;

/**
 * Where {@code LIMITS_TABLE} is not set: refuses every key that has limits. A Lambda function's own memory is one of many and
 * is gone within minutes; a limit that is counted there would be none.
 */
final class NoMeter implements Meter {

    @Override
    public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
        return refusal();
    }

    @Override
    public Mono<Boolean> renew(Reservation reservation, Use reported) {
        return refusal();
    }

    @Override
    public Mono<Void> settle(Reservation reservation, Use spent) {
        return Mono.empty();
    }

    @Override
    public Mono<Standing> look(Quota quota) {
        return refusal();
    }

    private static <T> Mono<T> refusal() {
        return Mono.error(
                () -> new InferenceException(
                        InferenceException.Kind.UNAVAILABLE,
                        "This key has limits, and this deployment has no table to count its use in: its operator must set LIMITS_TABLE."));
    }
}
