package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every reason for a refusal, and that the doctor and the door say the same. */
class AccessDoctorTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("198.51.100.1");

    private final TestClock clock = new TestClock();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileKeyStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileSigningKeys signing;

    @BeforeEach
    void open() {
        store = new FileKeyStore(folder.resolve("api-keys.json"), clock);
        signing = new FileSigningKeys(folder.resolve("signing-keys.json"), clock);
    }

    private KeyLifecycle life() {
        return new KeyLifecycle(store, clock);
    }

    private Tokens tokens(String issuer, String audience) {
        return new Tokens(signing, issuer, audience, clock);
    }

    private Principal caller(NewKey key) {
        return new Access(store, tokens("i", "a"), clock)
                .authenticate(Map.of("authorization", List.of("Bearer " + key.secret())), HERE);
    }

    private Diagnosis examine(String credential, InetAddress from) {
        var diagnosis = new AccessDoctor(store, signing, "i", "a", clock).examine(credential, from);
        var access = new Access(store, tokens("i", "a"), clock);
        boolean accepted;
        try {
            access.authenticate(Map.of("authorization", List.of("Bearer " + credential)), from);
            accepted = true;
        } catch (AccessException e) {
            accepted = false;
        }
        assertThat(diagnosis.accepted()).as("%s", diagnosis).isEqualTo(accepted);
        return diagnosis;
    }

    private static void assertSays(Diagnosis diagnosis, String check, Diagnosis.Result result, String text) {
        assertThat(diagnosis.findings()).as("%s", diagnosis).anySatisfy(finding -> {
            assertThat(finding.check()).isEqualTo(check);
            assertThat(finding.result()).isEqualTo(result);
            assertThat(finding.detail()).contains(text);
        });
    }

    private static void assertRefusedFor(Diagnosis diagnosis, String check, String text) {
        assertThat(diagnosis.accepted()).isFalse();
        assertSays(diagnosis, check, Diagnosis.Result.FAILED, text);
    }

    @Test
    void aGoodKeyIsAcceptedAndItsBoundsAreTold() {
        var made = life().create(new KeySpec(
                "ann",
                "lab",
                Scope.ALL,
                Duration.ofDays(90),
                new Restrictions(Set.of("small"), 100, List.of(Cidr.of("192.0.2.0/24"))),
                new Limits(60, null, 2, null, null)));
        var diagnosis = examine(made.secret(), HERE);
        assertThat(diagnosis.kind()).isEqualTo("API key");
        assertSays(diagnosis, "expiry", Diagnosis.Result.OK, "90 days from now");
        assertSays(diagnosis, "address", Diagnosis.Result.OK, "192.0.2.1 is in 192.0.2.0/24");
        assertSays(diagnosis, "limits", Diagnosis.Result.NOTE, "60 requests per minute, 2 requests at once");
        assertSays(diagnosis, "models", Diagnosis.Result.NOTE, "only small");
        assertThat(diagnosis.toString()).doesNotContain(made.secret().substring(24));
        assertRefusedFor(examine(made.secret(), ELSEWHERE), "address", "198.51.100.1 is not in 192.0.2.0/24");
    }

    @Test
    void aKeyThatEndedOrWasTakenBackOrRotatedIsToldApart() {
        var expired = life().create(KeySpec.of("ann", Scope.ALL, Duration.ofDays(1)));
        var revoked = life().create(KeySpec.of("bob"));
        var rotated = life().create(KeySpec.of("eve"));
        life().revoke(revoked.key().id());
        var successor = life().rotate(rotated.key().id(), Duration.ofDays(2), null);
        var inGrace = examine(rotated.secret(), HERE);
        assertThat(inGrace.accepted()).isTrue();
        assertSays(inGrace, "rotated", Diagnosis.Result.NOTE, successor.key().id());
        assertSays(inGrace, "rotated", Diagnosis.Result.NOTE, "grace ends at");
        clock.forward(Duration.ofDays(2));
        assertRefusedFor(examine(expired.secret(), HERE), "expiry", "24 hours ago");
        assertRefusedFor(examine(revoked.secret(), HERE), "revoked", "taken back at");
        assertRefusedFor(examine(rotated.secret(), HERE), "expiry", "Use its successor");
        assertThat(examine(successor.secret(), HERE).accepted()).isTrue();
    }

    @Test
    void anUnknownKeyASlipInCopyingAndNoKeyAtAllAreToldApart() {
        var made = life().create(KeySpec.of("ann"));
        assertRefusedFor(examine(NewKey.newText(), HERE), "known", "there is no key");
        char last = made.secret().charAt(made.secret().length() - 1);
        String slip = made.secret().substring(0, made.secret().length() - 1) + (last == 'a' ? 'b' : 'a');
        assertRefusedFor(examine(slip, HERE), "known", "a slip in copying");
        assertRefusedFor(examine("hunter2", HERE), "form", "it has 7 characters");
        assertRefusedFor(examine(made.secret().substring(0, 40), HERE), "form", "neither");
    }

    @Test
    void whatStandsAroundAKeyIsTold() {
        String key = life().create(KeySpec.of("ann")).secret();
        var doctor = new AccessDoctor(store, signing, "i", "a", clock);
        for (String given : List.of(" " + key + "\n", "Bearer " + key, "\"" + key + "\"")) {
            var diagnosis = doctor.examine(given, null);
            assertThat(diagnosis.accepted()).as(given).isTrue();
            assertThat(diagnosis.findings().getFirst().result()).isEqualTo(Diagnosis.Result.NOTE);
        }
    }

    @Test
    void aTokensTimesAreToldWithTheClock() {
        String token = tokens("i", "a")
                .issue(caller(life().create(KeySpec.of("ann"))), Duration.ofHours(3))
                .token();
        var good = examine(token, HERE);
        assertThat(good.kind()).isEqualTo("token");
        assertSays(good, "token's expiry", Diagnosis.Result.OK, "3 hours from now");
        assertThat(good.toString()).doesNotContain(token);
        clock.forward(Duration.ofMinutes(-10));
        assertRefusedFor(examine(token, HERE), "not yet", "10 minutes from now by this clock");
        clock.forward(Duration.ofHours(4));
        assertRefusedFor(examine(token, HERE), "token's expiry", "50 minutes ago");
    }

    @Test
    void aTokenOfAnotherServiceOrForAnotherOneIsTold() {
        var ann = caller(life().create(KeySpec.of("ann")));
        assertRefusedFor(
                examine(tokens("other", "a").issue(ann, Duration.ofHours(1)).token(), HERE), "issuer", "'other'");
        assertRefusedFor(
                examine(
                        tokens("i", "other\u001b[2J")
                                .issue(ann, Duration.ofHours(1))
                                .token(),
                        HERE),
                "audience",
                "'other?[2J'");
        var stranger = SigningKeys.inMemory(clock);
        assertRefusedFor(
                examine(
                        new Tokens(stranger, "i", "a", clock)
                                .issue(ann, Duration.ofHours(1))
                                .token(),
                        HERE),
                "signing key",
                "none of the signing keys here");
    }

    @Test
    void aTokenOfAKeyThatIsGoneOrOfASigningKeyThatWasReplacedIsTold() {
        var made = life().create(KeySpec.of("ann"));
        String token = tokens("i", "a").issue(caller(made), Duration.ofHours(1)).token();
        life().revoke(made.key().id());
        assertRefusedFor(examine(token, HERE), "revoked", "taken back");
        clock.forward(Duration.ofSeconds(1));
        life().prune(clock.instant());
        assertRefusedFor(examine(token, HERE), "key", "is not known here");
        signing.change(set -> set.replaced(clock.instant()));
        assertRefusedFor(examine(token, HERE), "signing key", "replaced since");
        var without = new AccessDoctor(store, null, "i", "a", clock).examine(token, HERE);
        assertSays(without, "signature", Diagnosis.Result.NOTE, "not checked");
    }

    @Test
    void aNarrowTokensBoundsAreThoseOfBoth() {
        var made = life().create(new KeySpec(
                "ann", "ann", Scope.ALL, Duration.ofDays(1), new Restrictions(null, 50, null), Limits.NONE));
        var grant = new TokenGrant(
                Duration.ofHours(1),
                new Restrictions(null, 20, List.of(Cidr.of("192.0.2.0/24"))),
                new Limits(5, null, null, null, null));
        String token = tokens("i", "a").issue(caller(made), grant).token();
        var diagnosis = examine(token, HERE);
        assertSays(diagnosis, "tokens", Diagnosis.Result.NOTE, "at most 20");
        assertSays(diagnosis, "limits", Diagnosis.Result.NOTE, "5 requests per minute");
        assertRefusedFor(examine(token, ELSEWHERE), "address", "is not in");
        String changed = token.substring(0, token.length() - 8) + "AAAAAAAA";
        assertRefusedFor(examine(changed, HERE), "signature", "changed, or cut off");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ey.ey.ey",
                "eyJhbGciOiJub25lIn0.e30.",
                "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
                "eyJ.",
                "ey..........",
                "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IhtbMkoifQ.bnVsbA.AAAA"
            })
    void whatIsNoTokenOfOursIsRefusedAndNotRepeated(String text) {
        var diagnosis = examine(text, HERE);
        assertThat(diagnosis.accepted()).isFalse();
        assertThat(diagnosis.toString()).doesNotContain(text).doesNotContain("\u001b");
    }
}
