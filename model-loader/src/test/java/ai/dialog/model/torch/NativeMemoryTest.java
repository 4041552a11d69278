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

    @Test
    void stepsLeaveNoMemoryBehind(@TempDir Path cache) throws IOException {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, cache)) {
            // Long enough for every prompt length to have its kernel and for the compilers to have settled.
            NativeMemory.request(model, 800, 1);
            long before = NativeMemory.allocatedBytes(cache);
            NativeMemory.request(model, 1600, 2);
            long growth = NativeMemory.allocatedBytes(cache) - before;
            System.out.println("1600 requests, 4000 steps: " + growth + " bytes more");
            assertThat(growth).isLessThan(TOLERANCE_BYTES);
        }
    }
}
