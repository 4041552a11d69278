package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.limits.Account;
import ai.dialog.functions.limits.Crowd;
import ai.dialog.functions.limits.HandClock;
import ai.dialog.functions.limits.LimitExceededException;
import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.Reservation;
import ai.dialog.functions.limits.Standing;
import ai.dialog.functions.limits.Use;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The meter over DynamoDB Local: it does what the account's transitions do, whatever fails on the way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DynamoMeterTest {

    private static final Use ONE = use(100, 10);
    private static final Limits LIMITS = new Limits(3, 350, 2, usd(25), usd(100));

    private LocalDynamo dynamo;
    private FaultyDynamo faulty;
    private HandClock clock;
    private DynamoMeter meter;
    private int accounts;
    private String account;

    DynamoMeterTest() {
        dynamo = new LocalDynamo();
        faulty = new FaultyDynamo(dynamo.client());
        clock = new HandClock("2026-03-31T12:00:10Z");
        meter = new DynamoMeter(faulty, LocalDynamo.TABLE, clock);
        account = "";
    }

    @BeforeEach
    void anotherAccount() {
        account = "account-" + accounts++;
        faulty = new FaultyDynamo(dynamo.client());
        clock = new HandClock("2026-03-31T12:00:10Z");
        meter = new DynamoMeter(faulty, LocalDynamo.TABLE, clock);
    }

    @AfterAll
    void stop() {
        dynamo.close();
    }

    private static Use use(long tokens, long cents) {
        return new Use(1, tokens, usd(cents));
    }

    private static Usd usd(long cents) {
        return Usd.of(BigDecimal.valueOf(cents, 2));
    }

    private static <T> T await(Mono<T> mono) {
        return Objects.requireNonNull(mono.block(Duration.ofSeconds(20)));
    }

    private Account stored() {
        return AccountItem.read(dynamo.client()
                        .getItem(get ->
                                get.tableName(LocalDynamo.TABLE).key(Map.of("account", AttributeValue.fromS(account))))
                        .item())
                .account();
    }

    private Reservation reservation(String id, Use most) {
        return new Reservation(account, id, most, clock.instant());
    }

    private Standing reserve(Reservation reservation) {
        return await(meter.reserve(reservation, LIMITS, Use.NONE));
    }

    private void settle(Reservation reservation, Use spent) {
        meter.settle(reservation, spent).block(Duration.ofSeconds(20));
    }

    @Test
    void aReservationAndASettlementAreOneWriteEachOnceTheMinuteHasBegun() {
        var first = reservation("1", ONE);
        reserve(first);
        assertThat(faulty.writes()).isEqualTo(2);
        settle(first, use(30, 3));
        assertThat(faulty.writes()).isEqualTo(3);
        var second = reservation("2", ONE);
        assertThat(reserve(second).tokens()).isEqualTo(130);
        settle(second, use(100, 10));
        assertThat(faulty.writes()).isEqualTo(5);
        assertThat(stored().daySpent()).isEqualTo(usd(13));
        assertThat(stored().held()).isEmpty();
    }

    @Test
    void aRefusalIsOneWriteThatFails() {
        reserve(reservation("1", ONE));
        reserve(reservation("2", ONE));
        int before = faulty.writes();
        assertThatThrownBy(() -> reserve(reservation("3", use(1, 6))))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.limit()).isEqualTo(LimitExceededException.Limit.DAILY_BUDGET));
        assertThatThrownBy(() -> reserve(reservation("3", use(1, 5))))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.limit()).isEqualTo(LimitExceededException.Limit.CONCURRENCY));
        assertThat(faulty.writes()).isEqualTo(before + 2);
        assertThat(stored().held()).hasSize(2);
    }

    @Test
    void anEndedLeaseMakesRoom() {
        reserve(reservation("1", ONE));
        var second = reservation("2", ONE);
        reserve(second);
        clock.forward(Duration.ofSeconds(50));
        assertThat(await(meter.renew(second, use(50, 5)))).isTrue();
        clock.forward(Duration.ofSeconds(15));
        assertThat(reserve(reservation("3", use(100, 15))).running()).isEqualTo(2);
        assertThat(stored().daySpent()).isEqualTo(usd(25));
        assertThat(await(meter.renew(reservation("1", ONE), ONE))).isFalse();
        clock.forward(Duration.ofSeconds(60));
        assertThat(await(meter.look(new Quota(account, LIMITS))).daySpent()).isEqualTo(usd(5));
    }

    @Test
    void anAccountIsForgottenAfterItsMonth() {
        reserve(reservation("1", ONE));
        var item = dynamo.client()
                .getItem(get -> get.tableName(LocalDynamo.TABLE).key(Map.of("account", AttributeValue.fromS(account))))
                .item();
        // 2026-04-02T00:00:00Z
        assertThat(Objects.requireNonNull(item.get("expires")).n()).isEqualTo("1775088000");
    }

    @Test
    void aReservationWhoseAnswerWasLostIsHeldOnce() {
        reserve(reservation("0", use(1, 1)));
        var reservation = reservation("1", ONE);
        faulty.loseAnswers(1);
        assertThatThrownBy(() -> reserve(reservation))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        e -> assertThat(e.kind()).isEqualTo(InferenceException.Kind.UNAVAILABLE));
        assertThat(reserve(reservation).running()).isEqualTo(2);
        assertThat(stored().daySpent()).isEqualTo(usd(11));
    }

    @Test
    void aReservationThatFailedIsUndoneLater() {
        reserve(reservation("0", use(1, 1)));
        faulty.loseAnswers(1);
        assertThatThrownBy(() -> reserve(reservation("1", ONE))).isInstanceOf(InferenceException.class);
        assertThat(stored().held()).hasSize(2);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(stored().held()).hasSize(1));
        assertThat(stored().requests()).isEqualTo(1);
    }

    @Test
    void aSettlementWhoseAnswerWasLostIsMadeOnce() {
        var reservation = reservation("1", ONE);
        reserve(reservation);
        faulty.loseAnswers(1);
        settle(reservation, use(30, 3));
        settle(reservation, use(30, 3));
        assertThat(stored().daySpent()).isEqualTo(usd(3));
        assertThat(stored().held()).isEmpty();
    }

    @Test
    void aSettlementIsTriedAgainWhileTheTableCannotBeReached() {
        var reservation = reservation("1", ONE);
        reserve(reservation);
        faulty.throttle(2);
        settle(reservation, use(30, 3));
        assertThat(stored().daySpent()).isEqualTo(usd(3));
    }

    @Test
    void withoutTheTableNothingIsAllowed() {
        faulty.throttle(1_000);
        assertThatThrownBy(() -> reserve(reservation("1", ONE)))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        e -> assertThat(e.kind()).isEqualTo(InferenceException.Kind.UNAVAILABLE))
                .hasMessageContaining("cannot be checked");
        assertThatThrownBy(() -> await(meter.renew(reservation("1", ONE), ONE))).isInstanceOf(InferenceException.class);
        assertThatThrownBy(() -> settle(reservation("1", ONE), ONE)).isInstanceOf(InferenceException.class);
    }

    @Test
    void whoComesSecondAtTheBeginningOfAMinuteTriesAgain() {
        var beside = new DynamoMeter(dynamo.client(), LocalDynamo.TABLE, clock);
        faulty.beforePut(() -> await(beside.reserve(reservation("beside", ONE), LIMITS, Use.NONE)));
        assertThat(reserve(reservation("1", ONE)).running()).isEqualTo(2);
        assertThat(stored().held()).containsOnlyKeys("1", "beside");
        assertThat(stored().requests()).isEqualTo(2);
    }

    @Test
    void aCrowdWithCrashesNeverOverdrawsABudgetAndLeavesNothingHeld() throws InterruptedException {
        for (int seed = 0; seed < Integer.getInteger("limits.seeds", 2) / 2; seed++) {
            anotherAccount();
            new Crowd(meter, clock, account, seed).run();
        }
    }

    @Test
    void anyOrderOfOperationsGivesTheAccountThatMemoryGives() {
        for (int seed = 0; seed < Integer.getInteger("limits.seeds", 2); seed++) {
            anotherAccount();
            run(new Random(seed), seed);
        }
    }

    private void run(Random random, int seed) {
        var limits = new Limits(
                random.nextBoolean() ? 1 + random.nextInt(6) : null,
                random.nextBoolean() ? 50 + random.nextInt(400) : null,
                random.nextBoolean() ? 1 + random.nextInt(5) : null,
                random.nextBoolean() ? usd(random.nextInt(60)) : null,
                random.nextBoolean() ? usd(random.nextInt(200)) : null);
        var reservations = new ArrayList<Reservation>();
        var pure = Account.EMPTY;
        for (int step = 0; step < 150; step++) {
            clock.forward(Duration.ofSeconds(
                    random.nextInt(4) == 0 ? random.nextInt(random.nextInt(30) == 0 ? 90_000 : 50) : 0));
            var now = clock.instant();
            var until = now.plus(Reservation.LEASE);
            var amount = use(random.nextInt(100), random.nextInt(12));
            var some = reservations.isEmpty()
                    ? reservation("x", ONE)
                    : reservations.get(random.nextInt(reservations.size()));
            String as = "seed %d, step %d".formatted(seed, step);
            switch (random.nextInt(4)) {
                case 0 -> {
                    settle(some, amount);
                    pure = pure.settle(some.id(), amount);
                }
                case 1 -> {
                    assertThat(await(meter.renew(some, amount)))
                            .as(as)
                            .isEqualTo(pure.held().containsKey(some.id()));
                    pure = pure.renew(some.id(), amount, until);
                }
                default -> {
                    var next = reservation("" + step, amount);
                    reservations.add(next);
                    boolean fits = fits(meter, next, limits);
                    // what has lapsed may still be held where it is in nobody's way
                    var stored = stored();
                    try {
                        pure = pure.reserve(next, limits, Use.NONE, now, until);
                        assertThat(fits).as(as).isTrue();
                    } catch (LimitExceededException e) {
                        assertThat(fits).as(as).isFalse();
                    }
                    pure = stored.at(now).equals(pure.at(now)) ? stored : pure;
                }
            }
            assertThat(stored().at(now)).as(as).isEqualTo(pure.at(now));
        }
    }

    private static boolean fits(Meter meter, Reservation reservation, Limits limits) {
        try {
            await(meter.reserve(reservation, limits, Use.NONE));
            return true;
        } catch (LimitExceededException e) {
            return false;
        }
    }
}
