package ai.dialog.functions.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the access check costs each request, with as many keys in the file as there may be: the whole of
 * {@link Access#authenticate}, from the header to the principal. Run by {@code bench/access.sh}.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first
public class AccessBenchmark {

    private static final int KEYS = KeyLifecycle.MAX_KEYS;

    /** More callers than any cache of a processor holds, and fewer than the cache of tokens. */
    private static final int CALLERS = 2_000;

    private Path folder;
    private Access access;
    private InetAddress address;
    private List<Principal> principals;
    private List<Map<String, List<String>>> keys;
    private List<Map<String, List<String>>> restrictedKeys;
    private List<Map<String, List<String>>> tokens;

    /** A key file of {@link #KEYS} keys, every second one with 20 ranges of addresses of which the last fits. */
    @Setup
    public void openKeyFile() throws IOException {
        folder = Files.createTempDirectory("access-benchmark");
        address = InetAddress.ofLiteral("203.0.113.45");
        var clock = InstantSource.system();
        var made = new ArrayList<NewKey>(KEYS);
        for (int i = 0; i < KEYS; i++) {
            var plain = KeySpec.of("caller " + i);
            var spec = new KeySpec(
                    plain.owner(),
                    plain.tenant(),
                    plain.scopes(),
                    plain.lifetime(),
                    i % 2 == 0 ? Restrictions.NONE : new Restrictions(null, null, ranges()),
                    plain.limits());
            made.add(NewKey.make(spec, clock.instant()));
        }
        var store = new FileKeyStore(folder.resolve("api-keys.json"), clock);
        store.change(none -> made.stream().map(NewKey::key).toList());
        access = Access.open(AccessSettings.of(folder, null), clock).access();

        var callers = made.subList(0, 2 * CALLERS);
        keys = headers(every(callers, 0).map(NewKey::secret));
        restrictedKeys = headers(every(callers, 1).map(NewKey::secret));
        principals =
                keys.stream().map(sent -> access.authenticate(sent, address)).toList();
        tokens = headers(principals.stream().map(this::newToken));
        tokens.forEach(sent -> access.authenticate(sent, address));
    }

    private static List<Cidr> ranges() {
        var others =
                IntStream.range(0, 19).mapToObj(i -> i % 2 == 0 ? "10." + i + ".0.0/16" : "2001:db8:" + i + "::/48");
        return Stream.concat(others, Stream.of("203.0.113.0/24")).map(Cidr::of).toList();
    }

    private static Stream<NewKey> every(List<NewKey> callers, int second) {
        return IntStream.range(0, CALLERS).mapToObj(i -> callers.get(2 * i + second));
    }

    private static List<Map<String, List<String>>> headers(Stream<String> credentials) {
        return credentials.map(AccessBenchmark::header).toList();
    }

    private static Map<String, List<String>> header(String credential) {
        return Map.of("authorization", List.of("Bearer " + credential));
    }

    private String newToken(Principal principal) {
        return access.tokens().issue(principal, Duration.ofHours(1)).token();
    }

    private static <T> T any(List<T> all) {
        return all.get(ThreadLocalRandom.current().nextInt(all.size()));
    }

    /** The temporary folder goes. */
    @TearDown
    public void deleteKeyFile() throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(AccessBenchmark::delete);
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A token that was never sent before. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init")
    public static class FreshToken {
        private Map<String, List<String>> header;

        /** Signing is not measured. */
        @Setup(Level.Invocation)
        public void issue(AccessBenchmark benchmark) {
            header = header(benchmark.newToken(any(benchmark.principals)));
        }
    }

    @Benchmark
    public Principal apiKey() {
        return access.authenticate(any(keys), address);
    }

    @Benchmark
    public Principal apiKeyWithTwentyRanges() {
        return access.authenticate(any(restrictedKeys), address);
    }

    @Benchmark
    public Principal tokenSeenBefore() {
        return access.authenticate(any(tokens), address);
    }

    @Benchmark
    public Principal tokenFirstSeen(FreshToken fresh) {
        return access.authenticate(fresh.header, address);
    }
}
