package ai.dialog.functions.aws.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.limits.HandClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TierTest {

    private static final Duration START = Duration.ofMinutes(4);

    private final HandClock clock = new HandClock("2026-03-01T22:00:00Z");
    private final FakeContainerService service = new FakeContainerService(clock);
    private final Tier tier = new Tier(service, START, clock);

    @Test
    void atZeroItIsAsleepAndALookChangesNothing() {
        assertThat(tier.state()).isEqualTo(new TierState.Asleep(START));
        assertThat(service.starts()).isZero();
    }

    @Test
    void atZeroItIsStartedOnceAndTheWaitIsTheWholeStart() {
        assertThat(tier.wake()).isEqualTo(new TierState.Starting(START, START, false));
        assertThat(service.desired()).isEqualTo(1);
        tier.wake();
        clock.forward(Duration.ofSeconds(30));
        tier.wake();
        assertThat(service.starts()).isEqualTo(1);
    }

    @Test
    void theWaitShrinksWhileItStartsAndIsNeverLessThanAFewSeconds() {
        tier.wake();
        clock.forward(Duration.ofSeconds(20));
        service.taskStarts();
        assertThat(remaining()).isEqualTo(Duration.ofMinutes(4));
        clock.forward(Duration.ofSeconds(200));
        assertThat(remaining()).isEqualTo(Duration.ofSeconds(40));
        clock.forward(Duration.ofSeconds(38));
        assertThat(remaining()).isEqualTo(Tier.LEAST_WAIT);
    }

    @Test
    void beforeEcsTellsOfATaskTheWaitIsFromTheCallThatStartedIt() {
        tier.wake();
        clock.forward(Duration.ofSeconds(90));
        assertThat(remaining()).isEqualTo(Duration.ofSeconds(150));
    }

    @Test
    void aStartThatTakesLongerThanUsualSaysSoAndPromisesNothingInThePast() {
        tier.wake();
        service.taskStarts();
        clock.forward(Duration.ofMinutes(5));
        assertThat(tier.state()).isEqualTo(new TierState.Starting(Tier.LATE_WAIT, START, true));
    }

    @Test
    void aTaskThatFailsAndIsStartedAgainDoesNotBeginTheWaitAnew() {
        tier.wake();
        service.taskStarts();
        clock.forward(Duration.ofSeconds(200));
        service.taskStops();
        service.taskStarts();
        assertThat(remaining()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void whatBecameSteadyRuns() {
        tier.wake();
        service.taskStarts();
        clock.forward(Duration.ofSeconds(100));
        service.becomesSteady();
        assertThat(tier.state()).isEqualTo(new TierState.Running());
        assertThat(tier.wake()).isEqualTo(new TierState.Running());
        assertThat(service.starts()).isEqualTo(1);
    }

    @Test
    void theNextStartIsThoughtToTakeAsLongAsTheLastOneDid() {
        aNightAfterAStartOf(Duration.ofSeconds(95));
        assertThat(tier.state()).isEqualTo(new TierState.Asleep(Duration.ofSeconds(95)));
        assertThat(tier.wake())
                .isEqualTo(new TierState.Starting(Duration.ofSeconds(95), Duration.ofSeconds(95), false));
    }

    @Test
    void anotherProcessLearnsTheSameWhileItStarts() {
        aNightAfterAStartOf(Duration.ofSeconds(95));
        service.startOne();
        assertThat(usual()).isEqualTo(Duration.ofSeconds(95));
        service.taskIsPlaced();
        assertThat(usual()).isEqualTo(Duration.ofSeconds(95));
        service.taskStarts();
        assertThat(usual()).isEqualTo(Duration.ofSeconds(95));
    }

    @Test
    void aSecondTaskIsNoStartFromZeroAndTeachesNothing() {
        aNightAfterAStartOf(Duration.ofSeconds(95));
        tier.wake();
        service.taskStarts();
        clock.forward(Duration.ofMinutes(2));
        service.becomesSteady();
        service.want(2);
        service.taskStarts();
        clock.forward(Duration.ofSeconds(20));
        service.becomesSteady();
        service.want(0);
        service.taskStops();
        service.taskStops();
        service.becomesSteady();
        clock.forward(Duration.ofHours(1));
        assertThat(tier.state()).isEqualTo(new TierState.Asleep(Duration.ofMinutes(2)));
    }

    @Test
    void aStartThatWasCalledOffTeachesNothing() {
        tier.wake();
        service.taskStarts();
        clock.forward(Duration.ofMinutes(1));
        service.want(0);
        service.taskStops();
        service.becomesSteady();
        assertThat(tier.state()).isEqualTo(new TierState.Asleep(START));
    }

    @Test
    void sentencesOfAnotherFormAreNoHarm() {
        aNightAfterAStartOf(Duration.ofSeconds(95));
        service.say("registered 1 targets in (target-group arn:aws:elasticloadbalancing:x)");
        service.say("has started 99999999999999999999 tasks");
        service.say("");
        assertThat(tier.state()).isEqualTo(new TierState.Asleep(Duration.ofSeconds(95)));
    }

    @Test
    void anUnsteadyServiceThatStartsAnotherTaskIsStartingAndIsLeftAlone() {
        service.want(3);
        service.taskStarts();
        assertThat(tier.wake()).isInstanceOf(TierState.Starting.class);
        assertThat(service.starts()).isZero();
        assertThat(service.desired()).isEqualTo(3);
    }

    @Test
    void aCountThatWasRaisedMeanwhileIsNotLowered() {
        assertThat(tier.state()).isInstanceOf(TierState.Asleep.class);
        service.beforeDescription(() -> service.want(4));
        assertThat(tier.wake()).isInstanceOf(TierState.Starting.class);
        assertThat(service.starts()).isZero();
        assertThat(service.desired()).isEqualTo(4);
    }

    @Test
    void whatEcsHasGivenUpIsNotCalledStarting() {
        service.want(1);
        service.givesUp();
        assertThat(tier.wake()).isEqualTo(new TierState.Failed());
        assertThat(service.starts()).isZero();
    }

    @Test
    void aDescriptionServesAllCallersForAWhile() {
        service.want(1);
        for (int i = 0; i < 50; i++) {
            tier.state();
            tier.wake();
        }
        assertThat(service.described()).isEqualTo(1);
        clock.forward(Tier.FRESH);
        tier.state();
        assertThat(service.described()).isEqualTo(2);
    }

    @Test
    void aThousandCallersAtOnceStartItOnce() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<TierState>>();
            for (int i = 0; i < 1000; i++) {
                calls.add(tier::wake);
            }
            for (Future<TierState> told : pool.invokeAll(calls)) {
                assertThat(told.get()).isEqualTo(new TierState.Starting(START, START, false));
            }
        }
        assertThat(service.starts()).isEqualTo(1);
        assertThat(service.described()).isEqualTo(2);
    }

    @Test
    void anotherProcessThatStartsItAtTheSameTimeDoesNoHarm() {
        var other = new Tier(service, START, clock);
        tier.state();
        other.state();
        tier.wake();
        assertThat(other.wake()).isEqualTo(new TierState.Starting(START, START, false));
        assertThat(service.desired()).isEqualTo(1);
        assertThat(service.starts()).isEqualTo(1);
    }

    @Test
    void anOutageOfEcsIsTheCallers() {
        service.breaks(new IllegalStateException("throttled"));
        assertThatThrownBy(tier::wake).hasMessage("throttled");
        assertThatThrownBy(tier::state).hasMessage("throttled");
    }

    private void aNightAfterAStartOf(Duration took) {
        service.want(1);
        service.taskStarts();
        clock.forward(took);
        service.becomesSteady();
        clock.forward(Duration.ofHours(6));
        service.becomesSteady();
        clock.forward(Duration.ofHours(2));
        service.want(0);
        service.taskStops();
        service.becomesSteady();
        clock.forward(Duration.ofHours(1));
    }

    private Duration usual() {
        return ((TierState.Starting) new Tier(service, START, clock).state()).usual();
    }

    private Duration remaining() {
        return ((TierState.Starting) tier.state()).remaining();
    }
}
