package ai.dialog.functions.limits;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.FakeInference;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Many requests at once at a budget for some of them, through {@link MeteredInference}, with holders that vanish. What the
 * meter granted and what was really used is written down, and a model that knows nothing of accounts checks it.
 */
public final class Crowd {

    private static final int REQUESTS = 500;

    /** Of so many requests the budget can pay the most. */
    private static final int AFFORDED = 100;

    /** A request's most: a prompt of 4 tokens and 6 of completion, a thousand nanos each. */
    private static final long MOST = 10_000;

    private static final long BUDGET = AFFORDED * MOST;

    private final Meter meter;
    private final HandClock clock;
    private final Random random;
    private final Quota quota;
    private final MeterSettings settings =
            new MeterSettings(Prices.parse(List.of("*=1/1")), MeterSettings.DEFAULT_UNASKED_TOKENS);
    private final List<Event> history = Collections.synchronizedList(new ArrayList<>());

    /**
     * A crowd at an account that nobody has used.
     *
     * @param clock the meter's
     */
    public Crowd(Meter meter, HandClock clock, String account, long seed) {
        this.meter = meter;
        this.clock = clock;
        this.random = new Random(seed);
        this.quota = new Quota(account, new Limits(null, null, null, new Usd(BUDGET), null));
    }

    /** What happened, in an order that it can have happened in: a grant is noted after, a settlement before it takes effect. */
    private sealed interface Event {
        record Granted(String id) implements Event {}

        record Used(long nanos) implements Event {}

        record Settled(String id, long nanos) implements Event {}

        record Vanished(String id) implements Event {}
    }

    /** How a request goes on when it has its reservation. */
    private enum Fate {
        ENDS,
        FAILS,
        CALLER_LEAVES,
        VANISHES
    }

    /** Lets everybody ask at once, then lets the leases end, then asks one by one until nothing fits. */
    public void run() throws InterruptedException {
        var fates = new ArrayList<Fate>();
        for (int i = 0; i < REQUESTS; i++) {
            int share = random.nextInt(100);
            fates.add(
                    share < 15 ? Fate.VANISHES : share < 25 ? Fate.FAILS : share < 40 ? Fate.CALLER_LEAVES : Fate.ENDS);
        }
        together(fates);
        clock.forward(Reservation.LEASE);
        var after = look();
        assertThat(after.running()).as("held after the leases").isZero();
        long left = BUDGET - after.daySpent().nanos();
        assertThat(left).isNotNegative();
        long further = 0;
        while (granted(Fate.ENDS, 6)) {
            further++;
        }
        // each takes all that it reserves, so that it is the money alone that ends it
        assertThat(further).as("further requests").isEqualTo(left / MOST);
        check();
    }

    private void together(List<Fate> fates) throws InterruptedException {
        var start = new CountDownLatch(1);
        var done = new CountDownLatch(fates.size());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Fate fate : fates) {
                int used = random.nextInt(7);
                threads.execute(() -> {
                    try {
                        start.await();
                        granted(fate, used);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        done.countDown();
                    }
                });
            }
            start.countDown();
            assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Standing look() {
        return Objects.requireNonNull(meter.look(quota).block());
    }

    /** One request; whether it got its reservation. */
    private boolean granted(Fate fate, int completionTokens) {
        var inference = new FakeInference();
        inference.behave(request -> answer(fate, completionTokens));
        var chunks = new MeteredInference(inference, new Witness(fate), settings, clock)
                .complete(LimitedCaller.request(new Prompt.Tokens(List.of(1, 2, 3, 4)), 6))
                .contextWrite(context -> context.put(Principal.class, LimitedCaller.of(quota)));
        try {
            if (fate == Fate.CALLER_LEAVES) {
                // the beginning and the tokens are taken, the end is not
                chunks.take(1 + (long) completionTokens).blockLast(Duration.ofSeconds(100));
            } else {
                chunks.blockLast(Duration.ofSeconds(100));
            }
        } catch (LimitExceededException e) {
            assertThat(e.limit()).isEqualTo(LimitExceededException.Limit.DAILY_BUDGET);
            return false;
        } catch (IllegalStateException e) {
            assertThat(fate).as("%s", e).isEqualTo(Fate.FAILS);
        }
        return true;
    }

    private Flux<CompletionChunk> answer(Fate fate, int tokens) {
        var text = Flux.<CompletionChunk>just(new CompletionChunk.Begun(4))
                .concatWith(Flux.range(0, tokens).map(i -> new CompletionChunk.Delta(0, "x", List.of(), 1)))
                .doOnNext(chunk -> history.add(new Event.Used(chunk instanceof CompletionChunk.Begun ? 4_000 : 1_000)));
        var end = Flux.<CompletionChunk>just(
                new CompletionChunk.Finish(0, FinishReason.STOP), new CompletionChunk.Total(new Usage(4, tokens, 0)));
        return switch (fate) {
            case FAILS -> text.concatWith(Flux.error(new IllegalStateException("for the test")));
            default -> text.concatWith(end);
        };
    }

    /** Notes what the meter grants and what it is told; a holder that vanishes tells it nothing more. */
    private final class Witness extends DelegatingMeter {

        private final Fate fate;

        Witness(Fate fate) {
            super(meter);
            this.fate = fate;
        }

        @Override
        public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
            return super.reserve(reservation, limits, reported).doOnNext(standing -> {
                assertThat(standing.daySpent().nanos()).isLessThanOrEqualTo(BUDGET);
                history.add(new Event.Granted(reservation.id()));
            });
        }

        @Override
        public Mono<Void> settle(Reservation reservation, Use spent) {
            if (fate == Fate.VANISHES) {
                history.add(new Event.Vanished(reservation.id()));
                return Mono.empty();
            }
            history.add(new Event.Settled(reservation.id(), spent.cost().nanos()));
            return super.settle(reservation, spent);
        }
    }

    /**
     * The model: money is held when it is granted, and what was settled or is held is never above the budget; each grant ends
     * once; what was charged is what was used, and for those that vanished at least that.
     */
    private void check() {
        var held = new HashMap<String, Long>();
        long settled = 0;
        long vanished = 0;
        long used = 0;
        int grants = 0;
        for (Event event : history) {
            switch (event) {
                case Event.Granted granted -> {
                    assertThat(held.put(granted.id(), MOST)).as("granted twice").isNull();
                    grants++;
                }
                case Event.Used use -> used += use.nanos();
                case Event.Settled end -> {
                    assertThat(held.remove(end.id())).as("settled once").isNotNull();
                    assertThat(end.nanos()).isLessThanOrEqualTo(MOST);
                    settled += end.nanos();
                }
                case Event.Vanished gone -> {
                    // it reported all of so small a request ahead
                    assertThat(held.remove(gone.id())).as("settled once").isNotNull();
                    vanished += MOST;
                }
            }
        }
        assertThat(held).as("neither settled nor vanished").isEmpty();
        assertThat(grants).as("grants").isGreaterThanOrEqualTo(AFFORDED);
        assertThat(used).as("used").isLessThanOrEqualTo(BUDGET);
        assertThat(settled + vanished).as("charged").isLessThanOrEqualTo(BUDGET).isGreaterThanOrEqualTo(used);
        assertThat(look().daySpent().nanos()).as("the account").isEqualTo(settled + vanished);
    }
}
