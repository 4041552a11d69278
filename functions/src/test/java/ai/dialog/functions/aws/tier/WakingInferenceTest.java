package ai.dialog.functions.aws.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.dialog.functions.FakeInference;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.limits.HandClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;

class WakingInferenceTest {

    private static final Readiness UNHEALTHY =
            new Readiness(Readiness.Status.UNHEALTHY, "the model server cannot be reached", 0, 0, 0);

    private final InferenceException unreachable =
            new InferenceException(Kind.UNAVAILABLE, "The model server cannot be reached.");
    private final HandClock clock = new HandClock("2026-03-01T22:00:00Z");
    private final FakeContainerService service = new FakeContainerService(clock);
    private final FakeInference server = new FakeInference();
    private final AtomicInteger opened = new AtomicInteger();
    private final WakingInference inference = new WakingInference(server, () -> {
        opened.incrementAndGet();
        return new Tier(service, Duration.ofMinutes(4), clock);
    });

    @Test
    void whileTheServerAnswersNobodyIsAsked() {
        assertThat(inference.complete(request()).collectList().block()).hasSize(5);
        assertThat(inference.models()).containsExactly(FakeInference.MODEL);
        assertThat(inference.readiness().status()).isEqualTo(Readiness.Status.HEALTHY);
        assertThat(opened).hasValue(0);
    }

    @Test
    void aRequestThatFindsItAtZeroStartsItAndIsToldTheWait() {
        server.fail(unreachable);
        var told = failure();
        assertThat(told.kind()).isEqualTo(Kind.STARTING);
        assertThat(told.retryAfter()).isEqualTo(Duration.ofMinutes(4));
        assertThat(told)
                .hasMessage(
                        "The model is not running yet: it is being started and should answer in about 240 seconds.");
        assertThat(service.desired()).isEqualTo(1);
        clock.forward(Duration.ofSeconds(100));
        assertThat(failure()).hasMessageContaining("in about 140 seconds");
        clock.forward(Duration.ofSeconds(200));
        assertThat(failure()).hasMessageContaining("longer than the usual 240 seconds, ask again in 15 seconds");
        assertThat(service.starts()).isEqualTo(1);
        assertThat(opened).hasValue(1);
    }

    @Test
    void healthTellsOfItAndDoesNotStartIt() {
        server.ready(UNHEALTHY);
        assertThat(inference.readiness())
                .isEqualTo(new Readiness(
                        Readiness.Status.ASLEEP,
                        "scaled to zero; the next request for the model starts it, which takes about 240 seconds",
                        0,
                        0,
                        0));
        assertThat(service.starts()).isZero();
        service.want(1);
        clock.forward(Duration.ofSeconds(3));
        assertThat(inference.readiness().status()).isEqualTo(Readiness.Status.STARTING);
        assertThat(inference.readiness().detail()).contains("in about 240 seconds");
        assertThat(service.starts()).isZero();
    }

    @Test
    void askingForTheModelsStartsItToo() {
        var woken = new WakingInference(new NoModels(), () -> new Tier(service, Duration.ofMinutes(4), clock));
        var told = catchThrowableOfType(InferenceException.class, woken::models);
        assertThat(told.kind()).isEqualTo(Kind.STARTING);
        assertThat(told.retryAfter()).isEqualTo(Duration.ofMinutes(4));
        assertThat(service.starts()).isEqualTo(1);
    }

    @Test
    void aFunctionThatMayNotStartItStillTellsThatItSleeps() {
        service.refuseStarts();
        var looking = new WakingInference(new NoModels(), () -> new Tier(service, Duration.ofMinutes(4), clock));
        assertThat(catchThrowableOfType(InferenceException.class, looking::models))
                .hasMessage(
                        "The model is scaled to zero; the next request for the model starts it, which takes about 240"
                                + " seconds.");
        server.fail(unreachable);
        assertThat(failure()).as("who cannot start it promises nothing").isSameAs(unreachable);
    }

    @Test
    void whatRunsAndIsOutOfReachFailsAsItWould() {
        service.want(1);
        service.taskStarts();
        service.becomesSteady();
        server.fail(unreachable);
        server.ready(UNHEALTHY);
        assertThat(failure()).isSameAs(unreachable);
        assertThat(inference.readiness()).isSameAs(UNHEALTHY);
        assertThat(service.starts()).isZero();
    }

    @Test
    void anOutageOfEcsFailsAsItWould() {
        service.breaks(new IllegalStateException("throttled"));
        server.fail(unreachable);
        server.ready(UNHEALTHY);
        assertThat(failure()).isSameAs(unreachable);
        assertThat(inference.readiness()).isSameAs(UNHEALTHY);
    }

    @Test
    void aStartThatWasGivenUpSaysSo() {
        service.want(1);
        service.givesUp();
        server.fail(unreachable);
        server.ready(UNHEALTHY);
        assertThat(failure().kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure()).hasMessageContaining("do not start");
        assertThat(inference.readiness().status()).isEqualTo(Readiness.Status.UNHEALTHY);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UNAVAILABLE"})
    void otherFailuresStartNothing(Kind kind) {
        var other = new InferenceException(kind, "why");
        server.fail(other);
        assertThat(failure()).isSameAs(other);
        assertThat(opened).hasValue(0);
    }

    private InferenceException failure() {
        return catchThrowableOfType(
                InferenceException.class, () -> inference.complete(request()).blockLast(Duration.ofSeconds(20)));
    }

    private static CompletionRequest request() {
        return CompletionRequest.of(new Prompt.Text("Hello"), "tenant").build();
    }

    /** A server that is out of reach before it ever told its models. */
    private final class NoModels implements Inference {
        @Override
        public Flux<CompletionChunk> complete(CompletionRequest request) {
            return Flux.error(unreachable);
        }

        @Override
        public List<ModelCard> models() {
            throw unreachable;
        }

        @Override
        public Readiness readiness() {
            return UNHEALTHY;
        }
    }
}
