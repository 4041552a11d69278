package ai.dialog.runner.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.audit.AuditEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class QueuedAuditLogTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private static void write(QueuedAuditLog log, int count) {
        for (int i = 0; i < count; i++) {
            AuditEntry.begin(log, "GET").end(200);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    @Test
    void everyEventIsALineThatOnlyTheOwnerCanRead() throws IOException {
        var file = folder.resolve("new-folder/audit.log");
        try (var log = QueuedAuditLog.open(AuditSettings.in(file, false))) {
            write(log, 100);
        }

        assertThat(lines(file))
                .hasSize(100)
                .allSatisfy(line -> assertThat(
                                JSON.readTree(line).path("request_id").asString())
                        .startsWith("req_"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aLaterStartGoesOnAtTheEnd() throws IOException {
        var file = folder.resolve("audit.log");
        for (int start = 0; start < 2; start++) {
            try (var log = QueuedAuditLog.open(AuditSettings.in(file, false))) {
                write(log, 3);
            }
        }

        assertThat(lines(file)).hasSize(6);
    }

    @Test
    void atItsSizeAFileIsPutAsideAndTheOldestGoes() throws IOException {
        var file = folder.resolve("audit.log");
        try (var log = QueuedAuditLog.open(new AuditSettings(file, false, 2_000, AuditSettings.DEFAULT_MAX_AGE, 3))) {
            for (int i = 0; i < 50; i++) {
                write(log, 1);
                int written = i;
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> written < 0 || log.waitingBytes() == 0);
            }
        }

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("audit.log", "audit.log.1", "audit.log.2");
        }
        for (var name : List.of("audit.log", "audit.log.1", "audit.log.2")) {
            assertThat(Files.size(folder.resolve(name))).isBetween(1L, 2_000L);
        }
    }

    @Test
    void aFileThatWasMovedAwayIsBegunAnew() throws IOException {
        var file = folder.resolve("audit.log");
        try (var log = QueuedAuditLog.open(AuditSettings.in(file, false))) {
            write(log, 1);
            await().until(() -> Files.size(file) > 0);
            Files.move(file, folder.resolve("audit.log.20260101"));
            write(log, 1);
            await().until(() -> Files.exists(file) && Files.size(file) > 0);
        }

        assertThat(lines(file)).hasSize(1);
        assertThat(lines(folder.resolve("audit.log.20260101"))).hasSize(1);
    }

    @Test
    void whatADiskDoesNotTakeIsDroppedAndCountedAndNobodyWaits() throws IOException {
        // a disk that is always full
        var full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full));
        var file = folder.resolve("audit.log");
        Files.createSymbolicLink(file, full);
        try (var log =
                QueuedAuditLog.open(new AuditSettings(file, false, Long.MAX_VALUE, AuditSettings.DEFAULT_MAX_AGE, 2))) {
            write(log, 10);
            await().until(() -> log.dropped() == 10);
            Files.delete(file);
            write(log, 1);
            await().until(() -> Files.exists(file) && lines(file).size() == 2);
        }

        assertThat(JSON.readTree(lines(file).getFirst()).path("dropped").asInt())
                .isEqualTo(10);
    }

    @Test
    void whatWaitsIsBounded() throws IOException {
        var file = folder.resolve("audit.log");
        var log = QueuedAuditLog.open(AuditSettings.in(file, false));
        log.close();

        // nobody writes any more
        IntStream.range(0, 80_000).forEach(i -> write(log, 1));

        assertThat(log.waitingBytes()).isLessThanOrEqualTo(QueuedAuditLog.MAX_WAITING_BYTES);
        assertThat(log.dropped()).isPositive();
    }

    @Test
    void aFileThatCannotBeWrittenStopsTheStart() throws IOException {
        var file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> QueuedAuditLog.open(AuditSettings.in(file.resolve("audit.log"), false)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("audit.log");
    }
}
