package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that verifies with the public keys of another. */
class RemoteVerificationKeysTest {

    private static final RemoteVerificationKeys.Pace QUICK =
            new RemoteVerificationKeys.Pace(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofHours(1));

    private final TestClock clock = new TestClock();
    private volatile String served = "";
    private volatile int status = 200;
    private final AtomicInteger readings = new AtomicInteger();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            readings.incrementAndGet();
            byte[] body = served.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/.well-known/jwks.json");
    }

    private RemoteVerificationKeys open() {
        return new RemoteVerificationKeys(address(), QUICK, clock);
    }

    private static void await(BooleanSupplier condition) {
        var deadline = Instant.now().plusSeconds(30);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    private void assertUnavailable(VerificationKeys keys) {
        assertThatThrownBy(keys::current)
                .isInstanceOfSatisfying(
                        AccessException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(AccessException.Kind.UNAVAILABLE));
    }

    private void readAgain() {
        int before = readings.get();
        await(() -> readings.get() > before + 1);
    }

    @Test
    void aNewKeyIsSeenWithoutARestart() {
        var first = JwkSet.generate(clock.instant());
        served = first.publicText();
        try (var keys = open()) {
            assertThat(keys.current().described(clock.instant())).hasSize(1);
            served = first.rotated(clock.instant(), Duration.ofMinutes(5)).publicText();
            await(() -> keys.current().described(clock.instant()).size() == 2);
        }
    }

    @Test
    void throughAnOutageTheLastGoodKeysStayForABoundedTime() {
        served = JwkSet.generate(clock.instant()).publicText();
        try (var keys = open()) {
            var good = keys.current();
            status = 500;
            readAgain();
            clock.forward(Duration.ofMinutes(59));
            assertThat(keys.current()).isEqualTo(good);
            clock.forward(Duration.ofMinutes(2));
            assertUnavailable(keys);
            status = 200;
            await(() -> {
                try {
                    return keys.current().equals(good);
                } catch (AccessException e) {
                    return false;
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"keys\":[]}", "<html>", "private", "long"})
    void anAnswerThatIsNoPublicKeySetIsNotTaken(String answer) {
        var set = JwkSet.generate(clock.instant());
        served = switch (answer) {
            case "private" -> new String(set.bytes(), StandardCharsets.UTF_8);
            case "long" -> set.publicText() + " ".repeat(JwkSet.MAX_BYTES);
            default -> answer;
        };
        try (var keys = open()) {
            assertUnavailable(keys);
            served = set.publicText();
            readAgain();
            assertThat(keys.current().described(clock.instant())).hasSize(1);
            served = "{}";
            readAgain();
            assertThat(keys.current().described(clock.instant())).hasSize(1);
        }
    }

    @Test
    void aRedirectIsNotFollowed() {
        served = JwkSet.generate(clock.instant()).publicText();
        status = 302;
        try (var keys = open()) {
            readAgain();
            assertUnavailable(keys);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://example.org/", "file:///etc/passwd", "https://user:secret@example.org/", "jwks.json"})
    void anotherKindOfAddressIsRefused(String address) {
        assertThatThrownBy(() -> new RemoteVerificationKeys(URI.create(address), QUICK, clock))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServiceWithPublicKeysAloneTakesTheTokensOfAnotherAndMakesNone(boolean fromFile) throws IOException {
        var clock = InstantSource.system();
        Path signer = folder.resolve("signer");
        Path verifier = folder.resolve("verifier");
        var signing = Access.open(AccessSettings.of(signer, null), clock);
        var key = Objects.requireNonNull(signing.newKey());
        var headers = Map.of("authorization", List.of("Bearer " + key.secret()));
        var token = signing.access()
                .tokens()
                .issue(signing.access().authenticate(headers, InetAddress.getLoopbackAddress()), Duration.ofHours(1))
                .token();
        served = signing.access().tokens().publicKeys();
        Path published = Files.writeString(folder.resolve("jwks.json"), served);
        var settings = AccessSettings.of(verifier, null)
                .withVerificationKeys(
                        fromFile ? published.toString() : address().toString());
        assertThatThrownBy(() -> Access.open(settings, clock))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("api-keys.json is missing");

        Files.createDirectories(verifier);
        Files.copy(signer.resolve("api-keys.json"), verifier.resolve("api-keys.json"));
        try (var access = Access.open(settings, clock).access()) {
            var caller = access.authenticate(
                    Map.of("authorization", List.of("Bearer " + token)), InetAddress.getLoopbackAddress());
            assertThat(caller.keyId()).isEqualTo(key.key().id());
            assertThatThrownBy(() -> access.tokens().issue(caller, Duration.ofHours(1)))
                    .hasMessageContaining("public keys alone");
            assertThat(verifier.resolve("signing-keys.json")).doesNotExist();
        }
    }
}
