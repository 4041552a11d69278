package ai.dialog.functions.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.limits.LimitExceededException.Limit;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transitions of an account, one by one and in random order against sums over everything that ever happened. */
class AccountTest {

    private static final Instant NOON = Instant.parse("2026-03-31T12:00:10Z");
    private static final Use ONE = use(100, 10);

    private static Use use(long tokens, long cents) {
        return new Use(1, tokens, usd(cents));
    }

    private static Usd usd(long cents) {
        return Usd.of(BigDecimal.valueOf(cents, 2));
    }

    private static Limits limits(
            @Nullable Integer requests, @Nullable Integer tokens, @Nullable Integer running, long day, long month) {
        return new Limits(requests, tokens, running, day < 0 ? null : usd(day), month < 0 ? null : usd(month));
    }

    private static Account reserve(Account account, String id, Use most, Limits limits, Instant now) {
        return account.reserve(new Reservation("a", id, most, now), limits, Use.NONE, now, now.plus(Reservation.LEASE));
    }

    private static Limit refusal(Account account, Use most, Limits limits, Instant now) {
        return catchThrowableOfType(LimitExceededException.class, () -> reserve(account, "refused", most, limits, now))
                .limit();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1000, 9, 100, 100, REQUESTS",
        "9, 199, 9, 100, 100, TOKENS",
        "9, 200, 1, 100, 100, CONCURRENCY",
        "9, 200, 9, 19, 100, DAILY_BUDGET",
        "9, 200, 9, 100, 19, MONTHLY_BUDGET",
        "1, 100, 1, 10, 10, MONTHLY_BUDGET"
    })
    void whatDoesNotFitIsRefusedByTheLimitThatLastsLongest(
            int requests, int tokens, int running, long day, long month, Limit limit) {
        var limits = limits(requests, tokens, running, day, month);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON);
        assertThat(refusal(account, ONE, limits, NOON)).isEqualTo(limit);
    }

    @Test
    void whatJustFitsIsHeld() {
        var limits = limits(2, 200, 2, 20, 20);
        var account = reserve(reserve(Account.EMPTY, "1", ONE, limits, NOON), "2", ONE, limits, NOON);
        assertThat(account.held()).hasSize(2);
        assertThat(account.daySpent()).isEqualTo(usd(20));
    }

    @Test
    void aRequestThatCostsNothingPassesASpentBudget() {
        var limits = limits(null, null, null, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON);
        assertThat(reserve(account, "2", use(1, 0), limits, NOON).held()).hasSize(2);
    }

    @Test
    void settlingGivesBackWhatWasNotTakenOnce() {
        var limits = limits(null, 100, null, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON).settle("1", use(30, 3));
        assertThat(account.tokens()).isEqualTo(30);
        assertThat(account.requests()).isEqualTo(1);
        assertThat(account.daySpent()).isEqualTo(usd(3));
        assertThat(account.monthSpent()).isEqualTo(usd(3));
        assertThat(account.settle("1", Use.NONE)).isEqualTo(account);
    }

    @Test
    void aReservationIsHeldOnceHoweverOftenItIsMade() {
        var limits = limits(1, 100, 1, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON);
        assertThat(reserve(account, "1", ONE, limits, NOON)).isEqualTo(account);
    }

    @Test
    void anUndoneReservationDoesNotCountAsARequest() {
        var account = reserve(Account.EMPTY, "1", ONE, limits(1, null, null, -1, -1), NOON)
                .settle("1", Use.NONE);
        assertThat(account.requests()).isZero();
        assertThat(account.isForgettable(NOON)).isTrue();
    }

    @Test
    void aRequestThatRunsOverMidnightIsPaidForByTheDayItBeganIn() {
        var evening = Instant.parse("2026-03-31T23:59:59Z");
        var morning = evening.plusSeconds(2);
        var limits = limits(null, null, null, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, evening);
        assertThat(refusal(account, ONE, limits, evening)).isEqualTo(Limit.MONTHLY_BUDGET);
        var next = reserve(account, "2", ONE, limits, morning).settle("1", use(50, 5));
        assertThat(next.daySpent()).isEqualTo(usd(10));
        assertThat(next.monthSpent()).isEqualTo(usd(10));
        assertThat(next.requests()).isEqualTo(1);
    }

    @Test
    void whatAHolderReportedIsChargedWhenItsLeaseEndsAndTheRestComesBack() {
        var limits = limits(null, null, 1, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON).renew("1", use(40, 4), NOON.plusSeconds(90));
        assertThat(refusal(account, use(1, 1), limits, NOON.plusSeconds(89))).isEqualTo(Limit.MONTHLY_BUDGET);
        var after = account.at(NOON.plusSeconds(90));
        assertThat(after.held()).isEmpty();
        assertThat(after.daySpent()).isEqualTo(usd(4));
        assertThat(after.renew("1", ONE, NOON.plusSeconds(200))).isEqualTo(after);
        assertThat(reserve(after, "2", use(6, 6), limits, NOON.plusSeconds(90)).daySpent())
                .isEqualTo(usd(10));
    }

    @Test
    void aClockThatIsBehindCountsIntoTheLaterWindow() {
        var limits = limits(1, null, null, 10, 10);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON);
        var behind = NOON.minus(Duration.ofDays(40));
        assertThat(refusal(account, use(1, 0), limits, behind)).isEqualTo(Limit.REQUESTS);
        assertThat(account.at(behind)).isEqualTo(account);
    }

    @Test
    void noAccountHasMoreThanAThousandRunning() {
        var account = Account.EMPTY;
        for (int i = 0; i < Account.MOST_HELD; i++) {
            account = reserve(account, "" + i, Use.NONE, Limits.NONE, NOON);
        }
        assertThat(refusal(account, Use.NONE, Limits.NONE, NOON)).isEqualTo(Limit.CONCURRENCY);
    }

    @Test
    void refusalsSayWhatIsLeftAndWhenItStartsAnew() {
        var limits = limits(1, 1000, null, 30, -1);
        var account = reserve(Account.EMPTY, "1", ONE, limits, NOON);
        assertThatThrownBy(() -> reserve(account, "2", use(1, 0), limits, NOON))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(50)))
                .hasMessageContaining("1 requests per minute", "0 are left", "50 s");
        assertThatThrownBy(() -> reserve(account, "2", use(1, 21), limits, NOON))
                .hasMessageContainingAll("$0.3", "$0.2 ", "$0.21", "2026-04-01T00:00:00Z");
        assertThatThrownBy(() -> reserve(account, "2", use(1001, 0), limits, NOON))
                .isInstanceOfSatisfying(
                        LimitExceededException.class,
                        e -> assertThat(e.retryAfter()).isNull())
                .hasMessageStartingWith("Request too large");
    }

    @Test
    void anyOrderOfOperationsAgreesWithTheSumsOverAllThatHappened() {
        for (int seed = 0; seed < 20 * Integer.getInteger("limits.seeds", 2); seed++) {
            var random = new Random(seed);
            var limits = limits(
                    random.nextBoolean() ? 1 + random.nextInt(6) : null,
                    random.nextBoolean() ? 50 + random.nextInt(400) : null,
                    random.nextBoolean() ? 1 + random.nextInt(5) : null,
                    random.nextBoolean() ? random.nextInt(60) : -1,
                    random.nextBoolean() ? random.nextInt(200) : -1);
            run(random, limits, seed);
        }
    }

    private static void run(Random random, Limits limits, int seed) {
        var oracle = new Ledger(limits);
        var account = Account.EMPTY;
        var now = Instant.parse("2026-02-28T23:50:00Z");
        for (int step = 0; step < 200; step++) {
            now = now.plusSeconds(random.nextInt(4) == 0 ? random.nextInt(random.nextInt(50) == 0 ? 90_000 : 90) : 0);
            oracle.lapse(now);
            account = random.nextBoolean() ? account.at(now) : account;
            var id = "" + random.nextInt(step + 1);
            var amount = use(random.nextInt(100), random.nextInt(12));
            var until = now.plusSeconds(1 + random.nextInt(100));
            switch (random.nextInt(4)) {
                case 0 -> {
                    account = account.at(now).settle(id, amount);
                    oracle.settle(id, amount);
                }
                case 1 -> {
                    account = account.at(now).renew(id, amount, until);
                    oracle.renew(id, amount, until);
                }
                default -> {
                    boolean fits = oracle.reserve("" + step, amount, now, until);
                    try {
                        account = account.reserve(
                                new Reservation("a", "" + step, amount, now), limits, Use.NONE, now, until);
                        assertThat(fits).as("seed %d, step %d", seed, step).isTrue();
                    } catch (LimitExceededException e) {
                        assertThat(fits)
                                .as("seed %d, step %d: %s", seed, step, e)
                                .isFalse();
                    }
                }
            }
            oracle.check(account.at(now), Windows.at(now));
        }
    }

    /** Everything that ever happened; what counts is summed up from it each time. */
    private static final class Ledger {

        private final Limits limits;
        private final List<Entry> entries = new ArrayList<>();

        Ledger(Limits limits) {
            this.limits = limits;
        }

        private static final class Entry {
            private final String id;
            private final Windows windows;
            private Instant until;
            private Use counted;
            private Use reported = Use.NONE;
            private boolean running = true;

            Entry(String id, Windows windows, Instant until, Use counted) {
                this.id = id;
                this.windows = windows;
                this.until = until;
                this.counted = counted;
            }
        }

        void lapse(Instant now) {
            entries.stream()
                    .filter(entry -> entry.running && !now.isBefore(entry.until))
                    .forEach(entry -> {
                        entry.running = false;
                        entry.counted = entry.reported;
                    });
        }

        void settle(String id, Use spent) {
            running(id).forEach(entry -> {
                entry.running = false;
                entry.counted = spent;
            });
        }

        void renew(String id, Use reported, Instant until) {
            running(id).forEach(entry -> {
                entry.reported = reported;
                entry.until = until;
            });
        }

        private List<Entry> running(String id) {
            return entries.stream()
                    .filter(entry -> entry.running && entry.id.equals(id))
                    .toList();
        }

        boolean reserve(String id, Use most, Instant now, Instant until) {
            var windows = Windows.at(now);
            entries.add(new Entry(id, windows, until, most));
            if (within(windows)) {
                return true;
            }
            entries.removeLast();
            return false;
        }

        /** Only what is added can break a limit: what was charged beyond its most may have before. */
        private boolean within(Windows now) {
            var added = entries.getLast().counted;
            return (limits.requestsPerMinute() == null || requests(now) <= limits.requestsPerMinute())
                    && (limits.tokensPerMinute() == null || tokens(now) <= limits.tokensPerMinute())
                    && (limits.concurrentRequests() == null || running() <= limits.concurrentRequests())
                    && (limits.dailyBudget() == null
                            || added.cost().nanos() == 0
                            || day(now) <= limits.dailyBudget().nanos())
                    && (limits.monthlyBudget() == null
                            || added.cost().nanos() == 0
                            || month(now) <= limits.monthlyBudget().nanos());
        }

        private long requests(Windows now) {
            return entries.stream()
                    .filter(entry -> entry.windows.minute() == now.minute())
                    .mapToLong(entry -> entry.counted.requests())
                    .sum();
        }

        private long tokens(Windows now) {
            return entries.stream()
                    .filter(entry -> entry.windows.minute() == now.minute())
                    .mapToLong(entry -> entry.counted.tokens())
                    .sum();
        }

        private long running() {
            return entries.stream().filter(entry -> entry.running).count();
        }

        private long day(Windows now) {
            return entries.stream()
                    .filter(entry -> entry.windows.day() == now.day())
                    .mapToLong(entry -> entry.counted.cost().nanos())
                    .sum();
        }

        private long month(Windows now) {
            return entries.stream()
                    .filter(entry -> entry.windows.month() == now.month())
                    .mapToLong(entry -> entry.counted.cost().nanos())
                    .sum();
        }

        void check(Account account, Windows now) {
            assertThat(account.requests()).isEqualTo(requests(now));
            assertThat(account.tokens()).isEqualTo(tokens(now));
            assertThat(account.held()).hasSize((int) running());
            assertThat(account.daySpent().nanos()).isEqualTo(day(now));
            assertThat(account.monthSpent().nanos()).isEqualTo(month(now));
        }
    }
}
