package ai.dialog.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a user sees of long work, and where its results go. */
class TerminalProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long now;

    private TerminalProgress progress(boolean terminal) {
        return new TerminalProgress(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, () -> now * 1_000_000);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalShowsOneLineWithRateAndTimeLeft() {
        try (TerminalProgress progress = progress(true)) {
            for (now = 0; now <= 5_000; now += 10) {
                progress.update("Downloading m.gguf", now * 10_000, 100_000_000);
            }
        }
        assertThat(written())
                .contains(
                        "\rDownloading m.gguf  [############------------]   50 %  50.0 MB of 100.0 MB  10.0 MB/s  0:05 left")
                .containsOnlyOnce("\n")
                .endsWith(System.lineSeparator());
        assertThat(written().split("\r", -1)).as("ten times a second").hasSizeBetween(50, 53);
    }

    @Test
    void elsewhereAPlainLineComesEveryFewSeconds() {
        TerminalProgress progress = progress(false);
        for (now = 0; now <= 12_000; now += 10) {
            progress.update("Downloading m.gguf", now * 1_000, 12_000_000);
        }
        progress.update("Downloading m.gguf", 12_000_000, 12_000_000);
        assertThat(written().lines())
                .containsExactly(
                        "Downloading m.gguf    0 %  0 bytes of 12.0 MB",
                        "Downloading m.gguf   41 %  5.0 MB of 12.0 MB  1.0 MB/s  0:07 left",
                        "Downloading m.gguf   83 %  10.0 MB of 12.0 MB  1.0 MB/s  0:02 left",
                        "Downloading m.gguf  100 %  12.0 MB of 12.0 MB  1.0 MB/s");
    }

    @Test
    void anUnknownTotalShowsWhatHasCome() {
        TerminalProgress progress = progress(false);
        progress.update("Waiting", 0, -1);
        now = 6_000;
        progress.update("Waiting", 6_000_000, -1);
        assertThat(written().lines()).containsExactly("Waiting", "Waiting  6.0 MB  1.0 MB/s");
    }

    @Test
    void modelsAreKeptWhereTheEnvironmentSays() {
        assertThat(ModelStore.standardFolder(Map.of("AI_DIALOG_MODELS_DIR", "/m")))
                .isEqualTo(Path.of("/m"));
        assertThat(ModelStore.standardFolder(Map.of("XDG_CACHE_HOME", "/c"))).isEqualTo(Path.of("/c/ai-dialog/models"));
        assertThat(ModelStore.standardFolder(Map.of("XDG_CACHE_HOME", "relative")))
                .isEqualTo(Path.of(System.getProperty("user.home"), ".cache", "ai-dialog", "models"));
    }
}
