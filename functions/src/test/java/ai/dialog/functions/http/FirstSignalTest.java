package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class FirstSignalTest {

    @Test
    void givesTheWholeStreamOnceItHasBegun() {
        var stream = Objects.requireNonNull(FirstSignal.of(Flux.range(0, 1000)).block());
        StepVerifier.create(stream).expectNextCount(1000).verifyComplete();
    }

    @Test
    void failsWhereTheFirstSignalIsAnError() {
        StepVerifier.create(FirstSignal.of(Flux.error(new IllegalStateException("no"))))
                .verifyErrorMessage("no");
    }

    @Test
    void passesALaterErrorOn() {
        var source = Flux.just(1).concatWith(Flux.error(new IllegalStateException("later")));
        var stream = Objects.requireNonNull(FirstSignal.of(source).block());
        StepVerifier.create(stream).expectNext(1).verifyErrorMessage("later");
    }

    @Test
    void anEmptyStreamIsEmpty() {
        var stream = Objects.requireNonNull(FirstSignal.of(Flux.empty()).block());
        StepVerifier.create(stream).verifyComplete();
    }

    @Test
    void asksTheSourceForNoMoreThanItsReaderDoes() {
        var source = TestPublisher.<Integer>create();
        var first = FirstSignal.of(source.flux()).toFuture();
        source.assertMinRequested(1).assertMaxRequested(1);
        source.next(1);
        StepVerifier.create(Objects.requireNonNull(first.join()), 1)
                .expectNext(1)
                .then(() -> source.assertMaxRequested(1))
                .thenCancel()
                .verify(Duration.ofSeconds(5));
        source.assertCancelled();
    }

    @Test
    void cancellingTheWaitCancelsTheSource() {
        var source = TestPublisher.<Integer>create();
        FirstSignal.of(source.flux()).subscribe().dispose();
        source.assertCancelled();
    }

    @Test
    void theReadersContextReachesTheSource() {
        var source = Flux.deferContextual(context -> Flux.just(context.<String>get("who")));
        var first = FirstSignal.of(source)
                .flatMap(stream -> stream.next())
                .switchIfEmpty(Mono.just("nobody"))
                .contextWrite(context -> context.put("who", "me"));
        assertThat(first.block()).isEqualTo("me");
    }
}
