package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.FileKeyStore;
import ai.dialog.functions.access.FileSigningKeys;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeySpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet of callers at a steady 200 requests a second while its API keys and the service's signing keys are rotated three
 * times: nobody who changes over within the grace is refused, and nobody is accepted with a key past its grace, nor with a
 * token of one. {@code -Ddialog.test.rotation.seconds=120} for the full two minutes.
 */
class ZeroRefusalIT {

    private static final int SECONDS = Integer.getInteger("dialog.test.rotation.seconds", 20);
    private static final int REQUESTS_PER_SECOND = 200;
    private static final int APPLICATIONS = 5;
    private static final int ROTATIONS = 3;

    /** Three graces and what is left to probe after the last, in the whole time. */
    private static final Duration GRACE = Duration.ofMillis(SECONDS * 1_000L / 5);

    /** More calls at once than a machine that keeps up ever has; where it does not, the pace waits, and no call waits long. */
    private static final int MOST_AT_ONCE = 32;

    @TempDir
    Path folder;

    private final Random random = new Random(1);

    @Test
    void noCallIsRefusedWhileKeysAreRotatedAndNoneIsAcceptedPastItsGrace() throws InterruptedException {
        var clock = InstantSource.system();
        var settings = AccessSettings.of(folder, null);
        var calls = new RotationCalls();
        try (var server = new TestServer(folder, standard -> standard.withApiKey(null))) {
            // another process would have the files open just so
            var life = new KeyLifecycle(new FileKeyStore(settings.apiKeysFile(), clock), clock);
            var signing = new FileSigningKeys(settings.signingKeysFile(), clock);
            var fleet = new ArrayList<RotatedApplication>();
            for (int i = 0; i < APPLICATIONS; i++) {
                fleet.add(new RotatedApplication(life.create(KeySpec.of("application " + i)), server, calls));
            }
            var rotations = Thread.ofPlatform().start(() -> rotate(fleet, life, signing));
            send(fleet);
            rotations.join();
            calls.await();
            assertThat(signing.current().described(clock.instant())).hasSize(1 + ROTATIONS);
        }
        System.out.println("Rotation: " + calls.figures(SECONDS));
        assertThat(calls.refused()).as("refused calls: %s", calls).isEmpty();
        assertThat(calls.acceptedPastGrace()).as("accepted past the grace").isZero();
        assertThat(calls.refusedPastGrace()).as("probes past the grace").isGreaterThan(ROTATIONS * APPLICATIONS);
        assertThat(calls.signingKeysSeen()).as("keys that signed tokens").hasSizeGreaterThanOrEqualTo(ROTATIONS);
    }

    /** Open loop: the next call does not wait for the one before. */
    private static void send(List<RotatedApplication> fleet) throws InterruptedException {
        var atOnce = new Semaphore(MOST_AT_ONCE);
        long start = System.nanoTime();
        for (int i = 0; i < SECONDS * REQUESTS_PER_SECOND; i++) {
            long due = start + i * (TimeUnit.SECONDS.toNanos(1) / REQUESTS_PER_SECOND);
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            atOnce.acquire();
            var application = fleet.get(i % fleet.size());
            int turn = i / fleet.size();
            Thread.startVirtualThread(() -> {
                try {
                    application.call(turn);
                } finally {
                    atOnce.release();
                }
            });
        }
    }

    /** Each application's key in turn, and the signing key, three times; the callers change over in the first third of the grace. */
    private void rotate(List<RotatedApplication> fleet, KeyLifecycle life, FileSigningKeys signing) {
        try {
            for (int i = 0; i < ROTATIONS; i++) {
                TimeUnit.MILLISECONDS.sleep(GRACE.toMillis() / 4);
                signing.change(set -> set.rotated(InstantSource.system().instant(), Duration.ofSeconds(2)));
                for (var application : fleet) {
                    application.rotate(life, GRACE, Duration.ofMillis(random.nextLong(GRACE.toMillis() / 3)));
                }
                TimeUnit.MILLISECONDS.sleep(GRACE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
