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
            // Kernels made for a prompt's length are kept, until there is one for each: how soon depends on the
            // processor.
            // What leaks, leaks in every round.
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least >= TOLERANCE_BYTES; round++) {
                long before = NativeMemory.allocatedBytes(cache);
                NativeMemory.request(model, 1600, round);
                long growth = NativeMemory.allocatedBytes(cache) - before;
                System.out.println("1600 requests, 4000 steps: " + growth + " bytes more");
                least = Math.min(least, growth);
            }
            assertThat(least).isLessThan(TOLERANCE_BYTES);
        }
    }
}
