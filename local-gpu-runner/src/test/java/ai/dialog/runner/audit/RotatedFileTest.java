package ai.dialog.runner.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is put aside when it is old, however small. */
class RotatedFileTest {

    @TempDir
    Path folder;

    @Test
    void atItsAgeTheFileIsPutAsideAndTheOldestGoes() throws IOException {
        var start = Instant.now();
        var now = new AtomicReference<>(start);
        var path = folder.resolve("audit.log");
        try (var file = new RotatedFile(path, Long.MAX_VALUE, Duration.ofDays(7), 2, now::get)) {
            file.append(line("monday"));
            file.append(line("sunday"));
            assertThat(folder.resolve("audit.log.1")).doesNotExist();

            now.set(start.plus(Duration.ofDays(8)));
            file.append(line("next week"));

            assertThat(Files.readString(folder.resolve("audit.log.1"))).isEqualTo("monday\nsunday\n");
            assertThat(Files.readString(path)).isEqualTo("next week\n");
            assertThat(folder.resolve("audit.log.2")).doesNotExist();
        }
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
