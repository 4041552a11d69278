package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveCacheTest {
    @TempDir
    Path folder;

    private final AtomicInteger made = new AtomicInteger();

    private void make(Path path) throws IOException {
        made.incrementAndGet();
        try (StoredZip zip = new StoredZip(path)) {
            zip.add("data", "some weights, long enough to be damaged".getBytes(StandardCharsets.UTF_8));
            zip.finish();
        }
    }

    private Path get(String version) {
        return new ArchiveCache(folder).get("abc-float32", version, 100, this::make);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void secondCallFindsTheFirstOnesFile() {
        Path first = get("1");
        assertThat(get("1")).isEqualTo(first).exists();
        assertThat(made).hasValue(1);
    }

    @Test
    void damagedFileIsMadeAgain() throws IOException {
        Path file = get("1");
        byte[] bytes = Files.readAllBytes(file);
        bytes[70] ^= 1;
        Files.write(file, bytes);
        assertThat(get("1")).isEqualTo(file);
        assertThat(made).hasValue(2);
        StoredZip.verify(file);
    }

    @Test
    void halfOfAFileIsMadeAgain() throws IOException {
        Path file = get("1");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 90));
        get("1");
        assertThat(made).hasValue(2);
        StoredZip.verify(file);
    }

    @Test
    void newCodeReplacesWhatOldCodeMade() throws IOException {
        get("1");
        Files.writeString(folder.resolve("abc-bfloat16-1.pt"), "another precision");
        get("2");
        assertThat(files()).containsExactly("abc-bfloat16-1.pt", "abc-float32-2.pt");
    }

    @Test
    void failureOfTheMakerLeavesNothing() throws IOException {
        assertThatThrownBy(() -> new ArchiveCache(folder).get("abc-float32", "1", 200 << 20, path -> {
                    Files.writeString(path, "half");
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("the disk is full")
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("200 MiB");
        assertThat(files()).isEmpty();
        get("1");
        assertThat(files()).containsExactly("abc-float32-1.pt");
    }

    @Test
    void fileLargerThanTheDiskIsNotBegun() throws IOException {
        assertThatThrownBy(() -> new ArchiveCache(folder).get("abc-float32", "1", Long.MAX_VALUE, this::make))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("the disk is full");
        assertThat(made).hasValue(0);
        assertThat(files()).isEmpty();
    }

    @Test
    void folderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> new ArchiveCache(file.resolve("cache")).get("abc", "1", 1, this::make))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void fileIsMadeOnceForManyWhoAskAtOnce() throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        List<Path> results = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                results.add(get("1"));
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).hasSize(8).containsOnly(folder.resolve("abc-float32-1.pt"));
        assertThat(made).hasValue(1);
    }
}
