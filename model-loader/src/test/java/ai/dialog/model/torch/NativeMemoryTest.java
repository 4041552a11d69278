package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.Precision;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    /** 2400 steps whose scores were not closed leave 6 MB. */
    private static final long TOLERANCE_BYTES = 1 << 20;

    private static final int ROUNDS = 6;

    @Test
    void stepsLeaveNoMemoryBehind(@TempDir Path cache) throws IOException {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, cache)) {
            long least = NativeMemory.leastGrowth(model, 1600, ROUNDS, TOLERANCE_BYTES, cache);
            assertThat(least).isLessThan(TOLERANCE_BYTES);
        }
    }
}
