package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.access.AccessException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LastGoodCopyTest {

    private final MovableClock clock = new MovableClock();
    private volatile String secret = "one";
    private final AtomicInteger readings = new AtomicInteger();

    /** Reads at once, or fails where there is nothing to read. */
    private String read() {
        readings.incrementAndGet();
        String text = secret;
        if (text.isEmpty()) {
            throw new IllegalStateException("down");
        }
        return text;
    }

    private LastGoodCopy<String> copy() {
        var copy = LastGoodCopy.onRequest("secret", this::read, Freshness.DEFAULT, clock);
        assertThat(copy.get()).isEqualTo("one");
        return copy;
    }

    @Test
    void aYoungCopyIsNotReadAgain() {
        var copy = copy();
        clock.forward(Duration.ofSeconds(29));
        assertThat(copy.get()).isEqualTo("one");
        assertThat(readings).hasValue(1);
    }

    @Test
    void aCopyIsReadAgainBeforeItLapsesWhileRequestsGoOnWithIt() {
        var copy = copy();
        var released = new CountDownLatch(1);
        var slow = LastGoodCopy.onRequest("secret", () -> slowly(released), Freshness.DEFAULT, clock);
        released.countDown();
        await().until(() -> slow.get().equals("one"));
        secret = "two";
        clock.forward(Duration.ofSeconds(30));
        copy.get();
        await().until(() -> copy.get().equals("two"));
    }

    private String slowly(CountDownLatch released) {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return read();
    }

    @Test
    void afterTheProcessWasFrozenTheFirstRequestHasTheNewKeysAlready() {
        var copy = copy();
        secret = "two";
        clock.forward(Duration.ofMinutes(10));
        assertThat(copy.get()).isEqualTo("two");
    }

    @Test
    void aReadingThatWasUnderWayWhenTheProcessWasFrozenIsNotWaitedFor() {
        var never = new CountDownLatch(1);
        var first = new AtomicInteger();
        var copy = LastGoodCopy.onRequest(
                "secret", () -> first.getAndIncrement() == 0 ? slowly(never) : read(), Freshness.DEFAULT, clock);
        await().until(() -> first.get() == 1);
        clock.forward(Duration.ofHours(3));
        assertThat(copy.get()).isEqualTo("one");
        never.countDown();
    }

    @Test
    void anOutageIsServedFromTheLastGoodCopyAndThenNobodyIsLetIn() {
        var copy = copy();
        secret = "";
        clock.forward(Duration.ofMinutes(59));
        assertThat(copy.get()).isEqualTo("one");
        clock.forward(Duration.ofMinutes(1));
        assertThatExceptionOfType(AccessException.class)
                .isThrownBy(copy::get)
                .matches(refusal -> refusal.kind() == AccessException.Kind.UNAVAILABLE)
                .withMessageContaining("secret");
        secret = "two";
        clock.forward(Duration.ofMinutes(1));
        assertThat(copy.get()).isEqualTo("two");
    }

    @Test
    void readingsThatFailGetFartherApart() {
        var copy = copy();
        secret = "";
        clock.forward(Duration.ofMinutes(1));
        int before = readings.get();
        for (int second = 0; second < 300; second++) {
            copy.get();
            clock.forward(Duration.ofSeconds(1));
        }
        // one each 15 to 30 seconds after the first few
        assertThat(readings.get() - before).isBetween(8, 30);
    }

    @Test
    void aRequestWaitsAMomentForAReadingThatHangsAndTheNextNotAtAll() {
        var hangs = new CountDownLatch(1);
        var first = new CountDownLatch(1);
        var quick = new Freshness(
                Duration.ofSeconds(30),
                Duration.ofSeconds(50),
                Duration.ofHours(1),
                Duration.ofMillis(50),
                Duration.ofSeconds(10));
        var copy = LastGoodCopy.onRequest("secret", () -> first.getCount() == 0 ? slowly(hangs) : read(), quick, clock);
        await().until(() -> copy.get().equals("one"));
        first.countDown();
        clock.forward(Duration.ofMinutes(2));
        assertThat(copy.get()).isEqualTo("one");
        // the reading is older than a request waits: this would hang for ever if it waited for it
        clock.forward(Duration.ofMillis(50));
        assertThat(copy.get()).isEqualTo("one");
        hangs.countDown();
    }

    @Test
    void withoutACopyNobodyIsLetInUntilThereIsOne() {
        secret = "";
        var copy = LastGoodCopy.onRequest("secret", this::read, Freshness.DEFAULT, clock);
        assertThatExceptionOfType(AccessException.class).isThrownBy(copy::get);
        secret = "one";
        await().until(() -> {
            clock.forward(Duration.ofSeconds(1));
            return copy.get().equals("one");
        });
    }

    @Test
    void aCopyThatWasReadWhileTheRequestWaitedForItIsGood() {
        var copy = LastGoodCopy.onRequest(
                "secret",
                () -> {
                    clock.forward(Duration.ofMillis(300));
                    return read();
                },
                Freshness.DEFAULT,
                clock);
        assertThat(copy.get()).isEqualTo("one");
        clock.forward(Duration.ofMinutes(5));
        secret = "two";
        assertThat(copy.get()).isEqualTo("two");
    }

    @Test
    void aClockThatWasSetBackDoesNotMakeACopyYoung() {
        var copy = copy();
        secret = "two";
        clock.forward(Duration.ofDays(-1));
        copy.get();
        await().until(() -> copy.get().equals("two"));
    }

    @Test
    void inTheBackgroundItIsReadAgainWithoutARequestUntilItIsClosed() {
        var quick = new Freshness(
                Duration.ofMillis(10),
                Duration.ofMillis(20),
                Duration.ofHours(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10));
        InstantSource real = Instant::now;
        var copy = LastGoodCopy.inBackground("secret", this::read, quick, real);
        await().until(() -> readings.get() > 3);
        copy.close();
        await().during(Duration.ofMillis(100)).atMost(Duration.ofSeconds(10)).until(this::stoodStill);
    }

    private int last = -1;

    private boolean stoodStill() {
        int now = readings.get();
        boolean still = now == last;
        last = now;
        return still;
    }
}
