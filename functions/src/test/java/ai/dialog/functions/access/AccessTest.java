package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {

    private final TestClock clock = new TestClock();

    @TempDir
    Path folder;

    private static Map<String, List<String>> bearer(String credential) {
        return Map.of("authorization", List.of("Bearer " + credential));
    }

    private static void assertRefused(Access access, Map<String, List<String>> headers, String message) {
        assertThatThrownBy(() -> access.authenticate(headers, InetAddress.getLoopbackAddress()))
                .isInstanceOfSatisfying(AccessException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(AccessException.Kind.UNAUTHENTICATED);
                    assertThat(refused).hasMessageContaining(message);
                });
    }

    @Test
    void theFirstStartMakesAKeyShowsItOnceAndKeepsItsHashOnly() throws IOException {
        var first = Access.open(AccessSettings.of(folder.resolve("new"), null), clock);
        var made = Objects.requireNonNull(first.newKey());
        assertThat(made.secret()).matches("sk-dialog-[a-z2-7]{12}-[a-z2-7]{52}");
        assertThat(made.toString()).doesNotContain(made.secret());
        assertThat(made.key().expires()).isEqualTo(clock.instant().plus(Duration.ofDays(90)));
        var principal = first.access().authenticate(bearer(made.secret()), InetAddress.getLoopbackAddress());
        assertThat(principal.keyId()).isEqualTo(made.key().id());
        assertThat(principal.scopes()).containsExactlyInAnyOrder("inference", "tokens");
        String stored = Files.readString(folder.resolve("new/api-keys.json"));
        assertThat(stored)
                .contains(made.key().id())
                .doesNotContain(made.secret().substring("sk-dialog-".length() + 13));

        var second = Access.open(AccessSettings.of(folder.resolve("new"), " "), clock);
        assertThat(second.newKey()).isNull();
        assertThat(second.access()
                        .authenticate(bearer(made.secret()), InetAddress.getLoopbackAddress())
                        .keyId())
                .isEqualTo(made.key().id());
    }

    @Test
    void aGivenKeyIsTheOnlyOne() {
        var made = Objects.requireNonNull(
                Access.open(AccessSettings.of(folder, null), clock).newKey());
        var opened = Access.open(AccessSettings.of(folder, "my own key?".replace(' ', '_')), clock);
        assertThat(opened.newKey()).isNull();
        assertThat(opened.access()
                        .authenticate(bearer("my_own_key?"), InetAddress.getLoopbackAddress())
                        .owner())
                .isEqualTo("local");
        assertRefused(opened.access(), bearer(made.secret()), "Incorrect API key");
    }

    @Test
    void aTokenOutlivesARestartButNotAnotherGivenKey() {
        var first =
                Access.open(AccessSettings.of(folder, "the-first-key"), clock).access();
        String token = first.tokens()
                .issue(
                        first.authenticate(bearer("the-first-key"), InetAddress.getLoopbackAddress()),
                        Duration.ofHours(1))
                .token();
        var again =
                Access.open(AccessSettings.of(folder, "the-first-key"), clock).access();
        assertThat(again.authenticate(bearer(token), InetAddress.getLoopbackAddress())
                        .credential())
                .isEqualTo(Principal.Credential.TOKEN);
        var other =
                Access.open(AccessSettings.of(folder, "the-second-key"), clock).access();
        assertRefused(other, bearer(token), "not known here any more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "1234567", "with space", "tab\there", "ünïcödé-key", "line\nbreak"})
    void aGivenKeyThatCannotTravelInAHeaderIsRefused(String key) {
        assertThatThrownBy(() -> new FixedKeyStore(key, clock.instant()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("API_KEY");
    }

    @Test
    void aHeaderThatIsMissingTwiceTooLongOrOfAnotherSchemeIsRefused() {
        var access = Access.open(AccessSettings.of(folder, "good-key-1"), clock).access();
        assertRefused(access, Map.of(), "didn't provide");
        assertRefused(access, Map.of("authorization", List.of()), "didn't provide");
        assertRefused(
                access, Map.of("authorization", List.of("Bearer good-key-1", "Bearer good-key-1")), "exactly one");
        assertRefused(access, bearer("x".repeat(8192)), "longer than");
        assertRefused(access, Map.of("authorization", List.of("Basic good-key-1")), "Bearer");
        assertRefused(access, Map.of("authorization", List.of("good-key-1")), "Bearer");
        assertRefused(access, Map.of("authorization", List.of("Bearer")), "Bearer");
        assertRefused(access, bearer(""), "Incorrect");
        assertRefused(access, bearer("good-key-1,good-key-1"), "Incorrect");
        assertRefused(access, bearer("good-key-2"), "Incorrect");
        assertRefused(access, bearer("good-key-"), "Incorrect");
        assertRefused(access, bearer("GOOD-KEY-1"), "Incorrect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bearer", "BEARER", "bEaReR"})
    void theSchemesCaseDoesNotMatter(String scheme) {
        var access = Access.open(AccessSettings.of(folder, "good-key-1"), clock).access();
        var principal = access.authenticate(
                Map.of("authorization", List.of(scheme + "  good-key-1")), InetAddress.getLoopbackAddress());
        assertThat(principal.owner()).isEqualTo("local");
    }

    @Test
    void anExpiredKeyIsRefusedAndItsTokensWithIt() {
        var store = new FileKeyStore(folder.resolve("keys.json"), clock);
        var key = store.create("ann", Scope.ALL, Duration.ofHours(1));
        var tokens = new Tokens(SigningKeys.inMemory(clock), "i", "a", clock);
        var access = new Access(store, tokens, clock);
        var issued = tokens.issue(
                access.authenticate(bearer(key.secret()), InetAddress.getLoopbackAddress()), Duration.ofDays(1));
        assertThat(issued.expires()).isEqualTo(key.key().expires());
        assertThat(access.authenticate(bearer(issued.token()), InetAddress.getLoopbackAddress())
                        .keyId())
                .isEqualTo(key.key().id());
        clock.forward(Duration.ofHours(1));
        assertRefused(access, bearer(key.secret()), "expired at 2026-03-01T13:00:00Z");
        // the clocks' tolerance is the token's, not the key's
        assertRefused(access, bearer(issued.token()), "expired");
    }

    @Test
    void aRevokedKeyIsRefusedAndItsTokensWithIt() {
        var store = new FileKeyStore(folder.resolve("keys.json"), clock);
        var key = store.create("ann", Scope.ALL, Duration.ofDays(1));
        var other = store.create("bob", Scope.ALL, Duration.ofDays(1));
        var tokens = new Tokens(SigningKeys.inMemory(clock), "i", "a", clock);
        var access = new Access(store, tokens, clock);
        String token = tokens.issue(
                        access.authenticate(bearer(key.secret()), InetAddress.getLoopbackAddress()),
                        Duration.ofHours(1))
                .token();
        assertThat(access.authenticate(bearer(token), InetAddress.getLoopbackAddress())
                        .owner())
                .isEqualTo("ann");
        new KeyLifecycle(store, clock).revoke(key.key().id());
        assertRefused(access, bearer(key.secret()), "revoked");
        assertRefused(access, bearer(token), "revoked");
        assertThat(access.authenticate(bearer(other.secret()), InetAddress.getLoopbackAddress())
                        .tenant())
                .isEqualTo("bob");
    }

    @Test
    void aTokenCanDoWhatItsKeyCanButMakeTokens() {
        var store = new FileKeyStore(folder.resolve("keys.json"), clock);
        var tokens = new Tokens(SigningKeys.inMemory(clock), "i", "a", clock);
        var access = new Access(store, tokens, clock);
        var full = store.create("ann", Scope.ALL, Duration.ofDays(1));
        var narrow = store.create("bob", Set.of(Scope.TOKENS), Duration.ofDays(1));
        var fromFull = tokens.issue(
                access.authenticate(bearer(full.secret()), InetAddress.getLoopbackAddress()), Duration.ofHours(1));
        var fromNarrow = tokens.issue(
                access.authenticate(bearer(narrow.secret()), InetAddress.getLoopbackAddress()), Duration.ofHours(1));
        assertThat(access.authenticate(bearer(fromFull.token()), InetAddress.getLoopbackAddress())
                        .scopes())
                .containsExactly(Scope.INFERENCE);
        assertThat(access.authenticate(bearer(fromNarrow.token()), InetAddress.getLoopbackAddress())
                        .scopes())
                .isEmpty();
    }

    @Test
    void whatAKeyLosesItsTokensLoseToo() throws UnknownHostException {
        var store = new FileKeyStore(folder.resolve("keys.json"), clock);
        var tokens = new Tokens(SigningKeys.inMemory(clock), "i", "a", clock);
        var access = new Access(store, tokens, clock);
        var made = store.create("ann", Scope.ALL, Duration.ofDays(1));
        var here = InetAddress.getByName("192.0.2.1");
        var grant = new TokenGrant(
                Duration.ofHours(1),
                new Restrictions(Set.of("a", "b"), 100, List.of(Cidr.of("192.0.0.0/16"))),
                new Limits(10, null, 2, null, null));
        String token = tokens.issue(access.authenticate(bearer(made.secret()), here), grant)
                .token();
        var before = access.authenticate(bearer(token), here);
        assertThat(before.restrictions()).isEqualTo(grant.restrictions());
        assertThat(before.quotas()).hasSize(2);
        assertThat(before.quotas().getFirst()).isEqualTo(new Quota(made.key().id(), Limits.NONE));
        assertThat(before.quotas().getLast().account()).matches(made.key().id() + "/[0-9a-f-]{36}");
        assertThat(before.quotas().getLast().limits()).isEqualTo(grant.limits());

        var kept = made.key();
        store.change(keys -> List.of(new ApiKey(
                kept.id(),
                kept.salt(),
                kept.hash(),
                kept.owner(),
                null,
                kept.tenant(),
                kept.created(),
                clock.instant().plusSeconds(600),
                null,
                null,
                Set.of(Scope.TOKENS),
                new Restrictions(Set.of("b", "c"), 50, List.of(Cidr.of("192.0.2.0/24"))),
                new Limits(5, null, null, null, null))));
        var after = access.authenticate(bearer(token), here);
        assertThat(after.scopes()).isEmpty();
        assertThat(after.restrictions()).isEqualTo(new Restrictions(Set.of("b"), 50, List.of(Cidr.of("192.0.2.0/24"))));
        assertThat(after.quotas().getFirst().limits().requestsPerMinute()).isEqualTo(5);
        assertThat(after.expires()).isEqualTo(clock.instant().plusSeconds(600));
        var elsewhere = InetAddress.getByName("192.0.3.1");
        assertThatThrownBy(() -> access.authenticate(bearer(token), elsewhere)).hasMessageContaining("192.0.3.1");
    }
}
