package ai.dialog.functions.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.InferenceException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Accounts in memory: atomic, and not more of them than there is room for. */
class MemoryMeterTest {

    private static final Limits LIMITS = new Limits(5, null, null, null, null);
    private static final Use PAID = new Use(1, 1, new Usd(1));
    private static final Use FREE = new Use(1, 1, Usd.ZERO);

    private final HandClock clock = new HandClock("2026-03-31T12:00:10Z");

    @Test
    void aCrowdWithCrashesNeverOverdrawsABudgetAndLeavesNothingHeld() throws InterruptedException {
        int seeds = 20 * Integer.getInteger("limits.seeds", 2);
        for (int seed = 0; seed < seeds; seed++) {
            new Crowd(new MemoryMeter(clock), clock, "crowd-" + seed, seed).run();
        }
    }

    private void use(MemoryMeter meter, String account, Use use) {
        var reservation = Reservation.of(account, use, clock.instant());
        meter.reserve(reservation, LIMITS, use).block();
        meter.settle(reservation, use).block();
    }

    @Test
    void anAccountThatNothingDependsOnMakesRoomAndOneThatMattersDoesNot() {
        var meter = new MemoryMeter(clock, 2);
        use(meter, "free", FREE);
        use(meter, "paid", PAID);
        assertThatThrownBy(() -> use(meter, "third", FREE))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("too many");
        use(meter, "paid", PAID);
        clock.forward(Duration.ofMinutes(1));
        use(meter, "third", FREE);
        assertThat(meter.account("free")).isEqualTo(Account.EMPTY);
        assertThat(meter.account("paid").monthSpent()).isEqualTo(new Usd(2));
        // April
        clock.forward(Duration.ofDays(1));
        use(meter, "fourth", FREE);
        assertThat(meter.account("paid")).isEqualTo(Account.EMPTY);
    }

    @Test
    void tokensLeaveRoomForKeys() {
        var meter = new MemoryMeter(clock, 10);
        for (int i = 0; i < 9; i++) {
            use(meter, "key/" + i, PAID);
        }
        assertThatThrownBy(() -> use(meter, "key/9", PAID)).isInstanceOf(InferenceException.class);
        use(meter, "key", PAID);
        assertThat(Objects.requireNonNull(meter.look(new Quota("key", LIMITS)).block())
                        .requestsLeft())
                .isEqualTo(4);
    }
}
