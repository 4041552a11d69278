package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyLifecycleTest {

    private static final Duration GRACE = Duration.ofDays(7);

    private final TestClock clock = new TestClock();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileKeyStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private KeyLifecycle life;

    @BeforeEach
    void open() {
        store = new FileKeyStore(folder.resolve("api-keys.json"), clock);
        life = new KeyLifecycle(store, clock);
    }

    private Access access() {
        return new Access(store, new Tokens(SigningKeys.inMemory(clock), "i", "a", clock), clock);
    }

    private static Map<String, List<String>> bearer(String credential) {
        return Map.of("authorization", List.of("Bearer " + credential));
    }

    private Principal caller(String credential) {
        return access().authenticate(bearer(credential), InetAddress.getLoopbackAddress());
    }

    private static KeySpec narrow() {
        return new KeySpec(
                "Ann Smith",
                "lab",
                Set.of(Scope.INFERENCE),
                Duration.ofDays(30),
                new Restrictions(Set.of("small"), 100, List.of(Cidr.of("127.0.0.0/8"))),
                new Limits(60, 10_000, 4, Usd.of(new BigDecimal("1.5")), null));
    }

    @Test
    void aKeyIsMadeWithItsRestrictionsAndLimitsAndAnotherProcessReadsThem() {
        var made = life.create(narrow());
        var read = new FileKeyStore(folder.resolve("api-keys.json"), clock).all();
        assertThat(read).containsExactly(made.key());
        assertThat(made.key().restrictions()).isEqualTo(narrow().restrictions());
        assertThat(made.key().limits()).isEqualTo(narrow().limits());
        assertThat(made.key().expires()).isEqualTo(clock.instant().plus(Duration.ofDays(30)));
        assertThat(caller(made.secret()).tenant()).isEqualTo("lab");
    }

    @Test
    void aRotatedKeyHasItsSuccessorsRightsAndAccountUntilItsGraceEnds() {
        var old = life.create(narrow());
        clock.forward(Duration.ofDays(10));
        var fresh = life.rotate(old.key().id(), GRACE, null);
        var fromOld = caller(old.secret());
        var fromNew = caller(fresh.secret());
        assertThat(fromNew.restrictions()).isEqualTo(fromOld.restrictions());
        assertThat(fromNew.quotas()).isEqualTo(fromOld.quotas());
        assertThat(fromNew.tenant()).isEqualTo("lab");
        assertThat(fromNew.scopes()).isEqualTo(fromOld.scopes());
        assertThat(fromNew.expires()).isEqualTo(clock.instant().plus(Duration.ofDays(30)));
        assertThat(fromOld.expires()).isEqualTo(clock.instant().plus(GRACE));
        assertThat(Objects.requireNonNull(store.byId(old.key().id())).successor())
                .isEqualTo(fresh.key().id());

        clock.forward(GRACE.minusMillis(1));
        assertThat(caller(old.secret()).keyId()).isEqualTo(old.key().id());
        clock.forward(Duration.ofMillis(1));
        assertThatThrownBy(() -> caller(old.secret())).hasMessageContaining("expired");
        assertThat(caller(fresh.secret()).keyId()).isEqualTo(fresh.key().id());
    }

    @Test
    void theThirdKeyOfALineIsCountedUnderTheFirst() {
        var first = life.create(KeySpec.of("ann"));
        var second = life.rotate(first.key().id(), GRACE, null);
        var third = life.rotate(second.key().id(), GRACE, null);
        assertThat(third.key().countedUnder()).isEqualTo(first.key().id());
        assertThat(caller(third.secret()).quotas())
                .extracting(Quota::account)
                .containsExactly(first.key().id());
    }

    @Test
    void aGraceNeverMakesAKeyLiveLonger() {
        var made = life.create(KeySpec.of("ann", Scope.ALL, Duration.ofDays(1)));
        life.rotate(made.key().id(), GRACE, Duration.ofDays(90));
        assertThat(caller(made.secret()).expires()).isEqualTo(made.key().expires());
    }

    @Test
    void aKeyIsRotatedOnceAndThenItsSuccessorIs() {
        var made = life.create(KeySpec.of("ann"));
        var fresh = life.rotate(made.key().id(), GRACE, null);
        var kept = store.all();
        assertThatThrownBy(() -> life.rotate(made.key().id(), GRACE, null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rotated before")
                .hasMessageContaining(fresh.key().id());
        assertThat(store.all()).isEqualTo(kept);
    }

    @Test
    void aRevokedKeyCannotBeRotatedAndAnUnknownOneIsNotNamedInFull() {
        var made = life.create(KeySpec.of("ann"));
        life.revoke(made.key().id());
        assertThatThrownBy(() -> life.rotate(made.key().id(), GRACE, null)).hasMessageContaining("was revoked");
        assertThatThrownBy(() -> life.adopt(NewKey.newText(), made.key().id(), null))
                .hasMessageContaining("was revoked");
        assertThatThrownBy(() -> life.revoke("nobody")).hasMessage("There is no key 'nobody'");
        assertThatThrownBy(() -> life.revoke(made.secret())).hasMessage("There is no key '…'");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 91})
    void aGraceIsBounded(long days) {
        var made = life.create(KeySpec.of("ann"));
        assertThatThrownBy(() -> life.rotate(made.key().id(), Duration.ofDays(days), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 90 days");
        assertThat(store.all()).containsExactly(made.key());
    }

    @Test
    void manyWhoRotateOneKeyAtOnceMakeOneSuccessor() throws InterruptedException {
        var made = life.create(KeySpec.of("ann"));
        var rotations = new ArrayList<Callable<NewKey>>();
        for (int i = 0; i < 8; i++) {
            var other = new FileKeyStore(folder.resolve("api-keys.json"), clock);
            rotations.add(() -> new KeyLifecycle(other, clock).rotate(made.key().id(), GRACE, null));
        }
        int done = 0;
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var rotation : pool.invokeAll(rotations)) {
                try {
                    rotation.get();
                    done++;
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).hasMessageContaining("rotated before");
                }
            }
        }
        assertThat(done).isEqualTo(1);
        clock.forward(Duration.ofSeconds(1));
        assertThat(store.all()).hasSize(2);
    }

    @Test
    void theTwoHalvesOfARotationCanEachBeRepeated() {
        var old = life.create(narrow());
        String text = NewKey.newText();
        var adopted = life.adopt(text, old.key().id(), Duration.ofDays(90));
        assertThat(caller(text).keyId()).isEqualTo(adopted.id());
        assertThat(caller(old.secret()).expires()).isEqualTo(old.key().expires());
        clock.forward(Duration.ofMinutes(1));
        assertThat(life.adopt(text, old.key().id(), Duration.ofDays(90))).isEqualTo(adopted);

        life.retire(old.key().id(), adopted.id(), GRACE);
        var end = caller(old.secret()).expires();
        assertThat(end).isEqualTo(clock.instant().plus(GRACE));
        clock.forward(Duration.ofMinutes(1));
        life.retire(old.key().id(), adopted.id(), GRACE);
        assertThat(caller(old.secret()).expires()).isEqualTo(end);
        var stranger = life.create(KeySpec.of("bob"));
        assertThatThrownBy(() -> life.retire(old.key().id(), stranger.key().id(), GRACE))
                .hasMessageContaining("another successor");
        assertThatThrownBy(() -> life.retire(old.key().id(), "nobody", GRACE)).hasMessageContaining("no key 'nobody'");
        assertThatThrownBy(() -> life.adopt("a text of no key", old.key().id(), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("a text");
    }

    @Test
    void revokingOneKeyLeavesTheOthersOfItsLineAndRevokingTheAccountDoesNot() {
        var first = life.create(KeySpec.of("ann"));
        var second = life.rotate(first.key().id(), GRACE, null);
        var bobs = life.create(KeySpec.of("bob"));
        var revoked = life.revoke(first.key().id());
        assertThat(revoked.revoked()).isEqualTo(clock.instant());
        clock.forward(Duration.ofMinutes(1));
        assertThat(life.revoke(first.key().id())).isEqualTo(revoked);
        assertThat(caller(second.secret()).owner()).isEqualTo("ann");

        assertThat(life.revokeAccount(first.key().id()))
                .extracting(ApiKey::id)
                .containsExactly(second.key().id());
        assertThatThrownBy(() -> caller(second.secret())).hasMessageContaining("revoked");
        assertThat(caller(bobs.secret()).owner()).isEqualTo("bob");
    }

    @Test
    void onlyKeysThatEndedLongAgoAreForgotten() {
        var revoked = life.create(KeySpec.of("ann"));
        life.revoke(revoked.key().id());
        var expired = life.create(KeySpec.of("bob", Scope.ALL, Duration.ofDays(1)));
        clock.forward(Duration.ofDays(30));
        var good = life.create(KeySpec.of("eve"));
        assertThat(life.prune(clock.instant().minus(Duration.ofDays(30)))).isEmpty();
        clock.forward(Duration.ofDays(1));
        assertThat(life.prune(clock.instant().minus(Duration.ofDays(30))))
                .extracting(ApiKey::id)
                .containsExactly(revoked.key().id());
        assertThat(life.prune(clock.instant())).containsExactly(expired.key());
        assertThat(store.all()).containsExactly(good.key());
    }

    @Test
    void thereAreNeverMoreKeysThanTheMost() {
        var one = life.create(KeySpec.of("ann")).key();
        store.change(keys -> IntStream.range(0, KeyLifecycle.MAX_KEYS)
                .mapToObj(i -> new ApiKey(
                        "id" + i,
                        one.salt(),
                        one.hash(),
                        "ann",
                        null,
                        "ann",
                        one.created(),
                        one.expires(),
                        null,
                        null,
                        one.scopes(),
                        null,
                        null))
                .toList());
        assertThatThrownBy(() -> life.create(KeySpec.of("ann")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("There are 10000 keys");
        assertThat(store.all()).hasSize(KeyLifecycle.MAX_KEYS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a  b",
                " a",
                "line\nbreak",
                "\u202egnirts",
                "tab\there",
                "zero\u200bwidth",
                "\u001b[31mred",
                "half\ud800"
            })
    void anOwnerThatWouldNotShowAsItIsIsRefused(String owner) {
        assertThatThrownBy(() -> KeySpec.of(owner))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("owner");
    }

    @Test
    void whatAKeyIsToBeIsBounded() {
        assertThat(KeySpec.of("Zoë Müller <zoe@example.org>").owner()).startsWith("Zoë");
        assertThatThrownBy(() -> KeySpec.of("x".repeat(129))).hasMessageContaining("1 to 128");
        assertThatThrownBy(() -> KeySpec.of("a", Set.of(), GRACE))
                .hasMessageContaining("inference, metrics, tokens, not none");
        assertThatThrownBy(() -> KeySpec.of("a", Set.of("admin"), GRACE)).hasMessageContaining("not admin");
        for (var life : List.of(
                Duration.ZERO, Duration.ofSeconds(-5), Duration.ofDays(3651), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatThrownBy(() -> KeySpec.of("a", Scope.ALL, life)).hasMessageContaining("1 second to 3650 days");
        }
        assertThatThrownBy(() -> new KeySpec(
                        "a", "a", Scope.ALL, GRACE, new Restrictions(Set.of("m\n"), null, null), Limits.NONE))
                .hasMessageContaining("model");
    }
}
