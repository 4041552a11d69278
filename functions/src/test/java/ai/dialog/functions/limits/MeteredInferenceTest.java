package ai.dialog.functions.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.FakeInference;
import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What is reserved, what is settled, and that it is settled however a request ends. */
class MeteredInferenceTest {

    /** A dollar for a million tokens of input, two of output: a token of input costs 1,000 nanos. */
    private static final Prices PRICES = Prices.parse(List.of("*=1/0.5/2"));

    private static final Limits BUDGET = new Limits(null, null, null, usd("1"), null);

    private final FakeInference inference = new FakeInference();
    private final HandClock clock = new HandClock("2026-03-31T12:00:10Z");
    private final MemoryMeter meter = new MemoryMeter(clock);
    private final Standings standings = new Standings();

    private static Usd usd(String dollars) {
        return Usd.of(new BigDecimal(dollars));
    }

    private Flux<CompletionChunk> complete(MeterSettings settings, CompletionRequest request, Quota... quotas) {
        return complete(meter, settings, request, quotas);
    }

    private Flux<CompletionChunk> complete(
            Meter through, MeterSettings settings, CompletionRequest request, Quota... quotas) {
        var principal = LimitedCaller.of(quotas);
        return new MeteredInference(inference, through, settings, clock)
                .complete(request)
                .contextWrite(context -> context.put(Principal.class, principal).put(Standings.class, standings));
    }

    private Flux<CompletionChunk> budgeted(CompletionRequest request) {
        return complete(new MeterSettings(PRICES, 4096), request, new Quota("a", BUDGET));
    }

    private static CompletionRequest request(@Nullable Integer maxTokens) {
        return LimitedCaller.request(new Prompt.Tokens(List.of(1, 2, 3, 4, 5)), maxTokens);
    }

    private Account account() {
        return meter.account("a");
    }

    private long spent() {
        assertThat(account().held()).isEmpty();
        assertThat(account().monthSpent()).isEqualTo(account().daySpent());
        return account().daySpent().nanos();
    }

    @Test
    void aCallerWithoutLimitsPassesThrough() {
        assertThat(complete(MeterSettings.DEFAULTS, request(null), new Quota("a", Limits.NONE))
                        .collectList()
                        .block())
                .hasSize(5);
        assertThat(new MeteredInference(inference, meter, MeterSettings.DEFAULTS, clock)
                        .complete(request(null))
                        .collectList()
                        .block())
                .hasSize(5);
        assertThat(account()).isEqualTo(Account.EMPTY);
        assertThat(inference.lastRequest().maxTokens()).isNull();
        assertThat(standings.all()).isEmpty();
    }

    @Test
    void theMostIsHeldWhileItRunsAndWhatItTookIsSettledAtItsEnd() {
        inference.behave(asked -> {
            assertThat(account().daySpent().nanos()).isEqualTo(5 * 1000 + 10 * 2000);
            assertThat(account().held()).hasSize(1);
            return FakeInference.answer(asked);
        });
        assertThat(budgeted(request(10)).blockLast()).isInstanceOf(CompletionChunk.Total.class);
        // 5 tokens of input, one of them cached, and 3 of output
        assertThat(spent()).isEqualTo(4 * 1000 + 500 + 3 * 2000);
        assertThat(account().tokens()).isEqualTo(8);
        assertThat(account().requests()).isEqualTo(1);
    }

    @Test
    void maxTokensAreCappedWhereACallerWithABudgetDoesNotSay() {
        budgeted(request(null)).blockLast();
        assertThat(inference.lastRequest().maxTokens()).isEqualTo(4096);
        complete(MeterSettings.DEFAULTS, request(null), new Quota("b", new Limits(5, null, null, null, null)))
                .blockLast();
        assertThat(inference.lastRequest().maxTokens()).isNull();
    }

    @Test
    void theTokensOfCallsArePaidFor() {
        inference.behave(asked -> Flux.concat(
                Flux.just(
                        new CompletionChunk.Begun(5),
                        new CompletionChunk.ToolCallDelta(0, 0, "call_1", "now", "", 3),
                        new CompletionChunk.ToolCallDelta(0, 0, null, null, "{}", 1)),
                Flux.never()));
        aRequestThatIsCancelledAfterThreeChunksPaysForNineTokens();
    }

    @Test
    void aCallerThatLeavesPaysForWhatWasComputed() {
        inference.behave(
                asked -> Flux.concat(Flux.just(new CompletionChunk.Begun(5), delta(3), delta(1)), Flux.never()));
        aRequestThatIsCancelledAfterThreeChunksPaysForNineTokens();
    }

    private void aRequestThatIsCancelledAfterThreeChunksPaysForNineTokens() {
        StepVerifier.create(budgeted(request(100)))
                .expectNextCount(3)
                .then(() -> assertThat(account().held()).hasSize(1))
                .thenCancel()
                .verify();
        assertThat(spent()).isEqualTo(5 * 1000 + 4 * 2000);
        assertThat(account().tokens()).isEqualTo(9);
        assertThat(inference.cancelled()).isEqualTo(1);
    }

    @Test
    void aCallerThatLeavesBeforeAnythingWasComputedPaysNothing() {
        inference.behave(asked -> Flux.never());
        StepVerifier.create(budgeted(request(100))).thenAwait().thenCancel().verify();
        assertThat(spent()).isZero();
        assertThat(account().requests()).isEqualTo(1);
    }

    @Test
    void aPromptThatNobodyCountedIsChargedAtItsBound() {
        inference.behave(asked -> Flux.just(
                new CompletionChunk.Begun(null),
                delta(2),
                new CompletionChunk.Finish(0, FinishReason.LENGTH),
                new CompletionChunk.Total(new Usage(0, 2, 0))));
        budgeted(request(100)).blockLast();
        assertThat(spent()).isEqualTo(5 * 1000 + 2 * 2000);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsRefusedBeforeItIsComputedCostsNothing(Kind kind) {
        inference.behave(asked -> Flux.concat(
                Flux.just(new CompletionChunk.Begun(null)), Flux.error(new InferenceException(kind, "refused"))));
        StepVerifier.create(budgeted(request(100)))
                .expectNextCount(1)
                .expectErrorMessage("refused")
                .verify();
        boolean unsure = kind == Kind.TIMEOUT || kind == Kind.INTERNAL;
        assertThat(spent()).isEqualTo(unsure ? 5 * 1000 : 0);
        assertThat(account().requests()).isEqualTo(1);
    }

    @Test
    void aFailureOnTheWayIsChargedForWhatWasSeen() {
        inference.behave(asked -> Flux.concat(
                Flux.just(new CompletionChunk.Begun(4), delta(7)),
                Flux.error(new InferenceException(Kind.UNAVAILABLE, "gone"))));
        StepVerifier.create(budgeted(request(100)))
                .expectNextCount(2)
                .expectErrorMessage("gone")
                .verify();
        assertThat(spent()).isEqualTo(4 * 1000 + 7 * 2000);
    }

    @Test
    void aBudgetWithoutAPriceIsRefused() {
        var priced = new MeterSettings(Prices.parse(List.of("another/model=1/2")), 10);
        StepVerifier.create(complete(priced, request(1), new Quota("a", BUDGET)))
                .verifyErrorSatisfies(error -> {
                    assertThat(((InferenceException) error).kind()).isEqualTo(Kind.UNAVAILABLE);
                    assertThat(error).hasMessageContaining("no price");
                });
        assertThat(inference.requests()).isEmpty();
    }

    @Test
    void ofTwoQuotasBothHoldAndARefusalUndoesTheFirst() {
        var key = new Quota("a", new Limits(10, null, null, null, null));
        var token = new Quota("a/t", new Limits(1, null, null, null, null));
        complete(MeterSettings.DEFAULTS, request(1), key, token).blockLast();
        assertThatThrownBy(() ->
                        complete(MeterSettings.DEFAULTS, request(1), key, token).blockLast())
                .isInstanceOf(LimitExceededException.class);
        assertThat(inference.requests()).hasSize(1);
        assertThat(account().requests()).isEqualTo(1);
        assertThat(account().held()).isEmpty();
        assertThat(meter.account("a/t").requests()).isEqualTo(1);
        assertThat(standings.all()).hasSize(4);
    }

    @Test
    void aRefusalEndsTheRequestWhereItsFrontWouldRatherGoOn() {
        var small = new Quota("a", new Limits(null, 1, null, null, null));
        StepVerifier.create(complete(MeterSettings.DEFAULTS, request(1), small).onErrorContinue((error, value) -> {}))
                .verifyError(LimitExceededException.class);
        assertThat(inference.requests()).isEmpty();
    }

    @Test
    void aCallerThatLeavesWhileItsReservationIsMadeLeavesNothingHeld() throws Exception {
        var made = new CountDownLatch(1);
        var slow = new DelegatingMeter(meter) {
            @Override
            public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
                return super.reserve(reservation, limits, reported)
                        .delayElement(Duration.ofMillis(100))
                        .doOnNext(standing -> made.countDown());
            }
        };
        var settings = new MeterSettings(PRICES, 4096);
        StepVerifier.create(complete(slow, settings, request(1), new Quota("a", BUDGET)))
                .thenAwait()
                .thenCancel()
                .verify();
        assertThat(made.await(10, TimeUnit.SECONDS)).isTrue();
        Awaitility.await().until(() -> account().held().isEmpty());
        assertThat(spent()).isZero();
        assertThat(account().requests()).isZero();
        assertThat(inference.requests()).isEmpty();
    }

    /** Ticks of the renewal come by virtual time, and the clock goes with it. */
    private void later(VirtualTimeScheduler time, Duration by) {
        for (long passed = 0; passed < by.toSeconds(); passed++) {
            clock.forward(Duration.ofSeconds(1));
            time.advanceTimeBy(Duration.ofSeconds(1));
        }
    }

    @Test
    void aLongAnswerKeepsItsReservationAndReportsAhead() {
        var time = VirtualTimeScheduler.getOrSet();
        try {
            var chunks = Sinks.many().unicast().<CompletionChunk>onBackpressureBuffer();
            inference.behave(asked -> chunks.asFlux());
            var call = budgeted(request(5000)).subscribe();
            chunks.tryEmitNext(new CompletionChunk.Begun(5)).orThrow();
            assertThat(reported()).isEqualTo(5 + 512);
            chunks.tryEmitNext(delta(300)).orThrow();
            later(time, Duration.ofSeconds(5));
            assertThat(reported()).isEqualTo(5 + 300 + 512);
            later(time, Duration.ofMinutes(5));
            assertThat(account().at(clock.instant()).held()).hasSize(1);
            call.dispose();
            assertThat(spent()).isEqualTo(5 * 1000 + 300 * 2000);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    private long reported() {
        return account().held().values().iterator().next().reported().tokens();
    }

    @Test
    void aRequestWhoseLeaseCannotBeRenewedEndsBeforeTheLeaseDoes() {
        var time = VirtualTimeScheduler.getOrSet();
        try {
            var reachable = new AtomicBoolean(true);
            var broken = new DelegatingMeter(meter) {
                @Override
                public Mono<Boolean> renew(Reservation reservation, Use reported) {
                    return reachable.get()
                            ? super.renew(reservation, reported)
                            : Mono.error(new InferenceException(Kind.UNAVAILABLE, "the table is away"));
                }
            };
            inference.behave(asked -> Flux.never());
            var ended = new AtomicBoolean();
            complete(broken, new MeterSettings(PRICES, 10), request(10), new Quota("a", BUDGET))
                    .subscribe(chunk -> {}, error -> ended.set(error instanceof InferenceException));
            later(time, Duration.ofSeconds(100));
            reachable.set(false);
            later(time, Duration.ofSeconds(20));
            assertThat(ended).isFalse();
            later(time, Duration.ofSeconds(35));
            assertThat(ended).isTrue();
            assertThat(inference.cancelled()).isEqualTo(1);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void pricesAreReadAndRoundedUp() {
        var prices = Prices.parse(List.of("a/b=0.10/0.40, c=1/0.5/2", "*=3/4"));
        assertThat(prices.of("c")).isEqualTo(new Price(usd("1"), usd("0.5"), usd("2")));
        assertThat(prices.of("x")).isEqualTo(new Price(usd("3"), usd("3"), usd("4")));
        assertThat(new Price(usd("0.000001"), Usd.ZERO, Usd.ZERO).of(1, 0, 0)).isEqualTo(new Usd(1));
        assertThat(new Price(Usd.MAX, Usd.ZERO, Usd.MAX).of(Long.MAX_VALUE, 0, Long.MAX_VALUE))
                .isEqualTo(Usd.MAX);
        for (String bad :
                List.of("a", "a=", "a=1", "a=1/2/3/4", "a=1/2/3", "=1/2", "a=-1/2", "a=1/2 a=1/2", "a=1e999999999/1")) {
            assertThatThrownBy(() -> Prices.parse(List.of(bad))).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static CompletionChunk delta(int tokens) {
        return new CompletionChunk.Delta(0, "x", List.of(), tokens);
    }
}
