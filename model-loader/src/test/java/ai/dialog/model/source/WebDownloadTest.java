package ai.dialog.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a web server: whole, resumed, and every way they can fail. */
class WebDownloadTest {

    private static final int SIZE = 50_000;

    @TempDir
    Path folder;

    private final byte[] content = Sources.content(SIZE);
    private FakeFileServer server;
    private ModelStore store;

    @BeforeEach
    void start() throws IOException {
        server = new FakeFileServer(content);
        server.untilReaderHas = this::awaitPart;
        store = new ModelStore(folder.resolve("models"), Sources.settings());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void awaitPart(int bytes) {
        for (int i = 0; i < 1000 && partBytes() < bytes; i++) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private long partBytes() {
        try (Stream<Path> files = Files.walk(store.folder())) {
            return files.map(Path::toFile)
                    .filter(file -> file.getName().endsWith(".part"))
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // the folder changed meanwhile
        }
    }

    private ModelReference.Web reference() {
        return new ModelReference.Web(server.uri("/dir/tiny.gguf"), null);
    }

    private Path fetch() {
        return store.fetch(reference(), Progress.SILENT);
    }

    @Test
    void whatIsHereIsToldWithoutFetchingAnything() throws IOException {
        Path local = Files.write(folder.resolve("local.gguf"), content);
        String web = server.uri("/dir/tiny.gguf").toString();

        assertThat(store.here(web)).isEmpty();
        assertThat(store.here("default")).isEmpty();
        assertThat(store.here("no-such-model")).isEmpty();
        assertThat(store.here(local.toString())).contains(local);
        assertThat(store.folder()).doesNotExist();

        Path fetched = fetch();
        assertThat(store.here(web)).contains(fetched);
        assertThat(store.here("tiny")).contains(fetched);
    }

    @Test
    void aFileComesOnceAndIsFoundByItsName() throws IOException {
        Path file = fetch();
        assertThat(file).hasFileName("tiny.gguf").hasBinaryContent(content);
        assertThat(fetch()).isEqualTo(file);
        assertThat(server.requests).containsExactly("all");
        assertThat(store.list()).singleElement().satisfies(model -> {
            assertThat(model.name()).isEqualTo("tiny");
            assertThat(model.reference()).isEqualTo(reference().shown());
            assertThat(model.bytes()).isBetween((long) SIZE, SIZE + 1000L);
        });
        assertThat(store.find("TINY").orElseThrow().path()).isEqualTo(file);
        assertThat(store.resolve("tiny", Progress.SILENT)).isEqualTo(file);
        assertThat(store.find("other")).isEmpty();
        assertThat(Sources.tree(store.folder())).noneMatch(name -> name.contains("part"));
    }

    @Test
    void progressGoesFromNothingToTheWhole() {
        List<Long> seen = new ArrayList<>();
        store.fetch(reference(), (what, done, total) -> {
            assertThat(what).isEqualTo("Downloading tiny.gguf");
            assertThat(total).isEqualTo(SIZE);
            seen.add(done);
        });
        assertThat(seen).startsWith(0L).endsWith((long) SIZE).isSorted();
    }

    @Test
    void aBrokenConnectionIsResumedWhereItBroke() {
        server.breaks.addAll(List.of(10_000, 20_000));
        assertThat(fetch()).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("all", "bytes=10000-", "bytes=30000-");
    }

    @Test
    void aConnectionThatStaysBrokenLeavesOnlyWhatTheNextProcessGoesOnFrom() throws IOException {
        server.breaks.addAll(List.of(10_000, 0, 0, 0));
        assertThatThrownBy(this::fetch)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("connection broke")
                .hasMessageContaining("10.0 kB")
                .hasMessageContaining("Start again");
        assertThat(Sources.tree(store.folder()))
                .hasSize(3)
                .anyMatch(name -> name.endsWith("tiny.gguf.part"))
                .anyMatch(name -> name.endsWith("tiny.gguf.part.tag"));
        assertThat(store.list()).isEmpty();
        server.breaks.clear();
        server.requests.clear();
        ModelStore next = new ModelStore(store.folder(), Sources.settings());
        assertThat(next.fetch(reference(), Progress.SILENT)).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("bytes=10000-");
    }

    @Test
    void aFileThatChangedMeanwhileIsFetchedFromItsBeginning() {
        server.breaks.addAll(List.of(10_000, 0, 0, 0));
        assertThatThrownBy(this::fetch).isInstanceOf(ModelException.class);
        server.breaks.clear();
        server.content = Sources.content(SIZE + 7);
        server.etag = "\"two\"";
        assertThat(fetch()).hasBinaryContent(server.content);
    }

    @Test
    void withoutAStrongValidatorNothingIsResumed() {
        server.etag = "W/\"weak\"";
        server.breaks.add(10_000);
        assertThat(fetch()).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("all", "all");
    }

    @Test
    void aRightChecksumIsAcceptedAndAWrongOneLeavesNothing() throws IOException {
        ModelReference right = new ModelReference.Web(server.uri("/a.gguf"), Sources.sha256(content));
        server.breaks.add(25_000);
        assertThat(store.fetch(right, Progress.SILENT)).hasBinaryContent(content);
        ModelReference wrong = new ModelReference.Web(server.uri("/b.gguf"), "0".repeat(64));
        int before = Sources.tree(store.folder()).size();
        assertThatThrownBy(() -> store.fetch(wrong, Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("wrong checksum")
                .hasMessageContaining(Sources.sha256(content))
                .hasMessageContaining("0".repeat(64));
        assertThat(Sources.tree(store.folder())).hasSize(before);
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() {
        server.hangAtBreak = true;
        server.breaks.add(10_000);
        SourceSettings hasty = new SourceSettings(
                HttpSource::client,
                "http://127.0.0.1:1",
                null,
                null,
                List.of(),
                new FileDownload.Retry(1, Duration.ZERO),
                Duration.ofMillis(300));
        assertThatThrownBy(() -> new ModelStore(store.folder(), hasty).fetch(reference(), Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("nothing came for");
    }

    @Test
    void aServerThatIsNotThereIsNamedAndNothingIsLeft() throws IOException {
        assertThatThrownBy(() -> store.fetch(
                        new ModelReference.Web(URI.create("http://127.0.0.1:1/a.gguf"), null), Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("http://127.0.0.1:1/a.gguf")
                .hasMessageContaining("Check the network");
        assertThat(Sources.tree(store.folder())).isEmpty();
    }

    @Test
    void aFullDiskIsSaidAndNothingIsLeft() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        // The first try shows the name of the folder; the file in it is then the device that is always full.
        server.breaks.addAll(List.of(10_000, 0, 0, 0));
        assertThatThrownBy(this::fetch).isInstanceOf(ModelException.class);
        server.breaks.clear();
        String part = Sources.tree(store.folder()).stream()
                .filter(name -> name.endsWith(".part"))
                .findFirst()
                .orElseThrow();
        Files.delete(store.folder().resolve(part));
        Files.createSymbolicLink(store.folder().resolve(part), full);
        assertThatThrownBy(this::fetch)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("disk is full")
                .hasMessageContaining("--models-dir");
        assertThat(Sources.tree(store.folder())).isEmpty();
        assertThat(full).exists();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        ModelStore blocked = new ModelStore(file.resolve("models"), Sources.settings());
        assertThatThrownBy(() -> blocked.fetch(reference(), Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("--models-dir");
    }

    @Test
    void twoThreadsFetchOnceAndTheSecondSaysThatItWaits() throws Exception {
        server.millisPerChunk = 20;
        var told = new ConcurrentLinkedQueue<String>();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var one = threads.submit(() -> store.fetch(reference(), (what, done, total) -> told.add(what)));
            var two = threads.submit(() -> new ModelStore(store.folder(), Sources.settings())
                    .fetch(reference(), (what, done, total) -> told.add(what)));
            assertThat(one.get()).isEqualTo(two.get()).hasBinaryContent(content);
        }
        assertThat(server.requests).containsExactly("all");
        assertThat(told).anyMatch(what -> what.startsWith("Waiting for another process that downloads http://"));
    }

    @Test
    void twoProcessesFetchOnce() throws Exception {
        server.millisPerChunk = 20;
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName(),
                        store.folder().toString(),
                        reference().text())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        try {
            while (server.requests.isEmpty() && other.isAlive()) {
                Thread.sleep(10);
            }
            var told = new ConcurrentLinkedQueue<String>();
            assertThat(store.fetch(reference(), (what, done, total) -> told.add(what)))
                    .hasBinaryContent(content);
            assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(other.exitValue())
                    .as(Files.readString(folder.resolve("output")))
                    .isZero();
            assertThat(server.requests).containsExactly("all");
            assertThat(told).anyMatch(what -> what.startsWith("Waiting"));
        } finally {
            other.destroyForcibly();
        }
    }

    /** What the second process does. */
    static final class OtherProcess {
        public static void main(String[] arguments) {
            new ModelStore(Path.of(arguments[0]), Sources.settings())
                    .fetch(ModelReference.parse(arguments[1]), Progress.SILENT);
        }

        private OtherProcess() {}
    }

    @Test
    void refusalsAndRedirectsAreToldApart() {
        WireMockServer web = new WireMockServer(
                WireMockConfiguration.options().bindAddress("127.0.0.1").dynamicPort());
        web.start();
        try {
            web.stubFor(WireMock.get("/gone").willReturn(WireMock.notFound()));
            web.stubFor(WireMock.get("/closed").willReturn(WireMock.forbidden()));
            web.stubFor(WireMock.get("/busy").willReturn(WireMock.serviceUnavailable()));
            web.stubFor(WireMock.get("/loop").willReturn(WireMock.temporaryRedirect("/loop")));
            web.stubFor(WireMock.get("/plain").willReturn(WireMock.temporaryRedirect("http://example.org/x")));
            web.stubFor(WireMock.get("/moved")
                    .willReturn(WireMock.permanentRedirect(server.uri("/x.gguf").toString())));
            assertRefused(web, "/gone", "404", "no such file");
            assertRefused(web, "/closed", "403", "permission");
            assertRefused(web, "/busy", "503", "connection broke");
            assertRefused(web, "/loop", "redirects more than", "10 times");
            assertRefused(web, "/plain", "http://example.org/x", "not https");
            assertThat(store.fetch(new ModelReference.Web(URI.create(web.baseUrl() + "/moved"), null), Progress.SILENT))
                    .hasBinaryContent(content);
        } finally {
            web.stop();
        }
    }

    private void assertRefused(WireMockServer web, String path, String... messages) {
        assertThatThrownBy(() ->
                        store.fetch(new ModelReference.Web(URI.create(web.baseUrl() + path), null), Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(messages);
    }

    @Test
    void anotherModelMayHaveTheSameNameAndMustBeNamedInFull() {
        fetch();
        store.fetch(new ModelReference.Web(server.uri("/other/tiny.gguf"), null), Progress.SILENT);
        assertThat(store.list()).hasSize(2);
        assertThatThrownBy(() -> store.find("tiny"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("/other/tiny.gguf");
        assertThat(store.find(reference().shown())).isPresent();
    }

    @Test
    void aPathInTheNameStaysInTheFolder() throws IOException {
        Path file = store.fetch(
                new ModelReference.Web(server.uri("/%2e%2e%2f%2e%2e%2fetc%2fcron.gguf"), null), Progress.SILENT);
        assertThat(file.toRealPath()).startsWith(store.folder().toRealPath());
        assertThat(file).hasFileName("cron.gguf");
    }

    @Test
    void aGgufFileGetsTheEndingByWhichItIsOpened() {
        server.content = "GGUF and more".getBytes(StandardCharsets.US_ASCII);
        assertThat(store.fetch(new ModelReference.Web(server.uri("/download"), null), Progress.SILENT))
                .hasFileName("download.gguf");
        assertThat(store.find("download")).isPresent();
    }
}
