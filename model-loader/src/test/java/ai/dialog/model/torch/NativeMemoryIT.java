package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.Precision;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
class NativeMemoryIT {
    /** 35,000 calls that each left 100 bytes would leave 3.5 MB in every round. */
    private static final long TOLERANCE_BYTES = 2 << 20;

    private static final int ROUNDS = 5;

    @ParameterizedTest
    @EnumSource
    void tenThousandRequestsLeaveNoMemoryBehind(Precision precision, @TempDir Path cache) throws IOException {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.qwen2(), precision, 4, cache)) {
            long growth = NativeMemory.leastGrowth(model, 10_000, ROUNDS, TOLERANCE_BYTES, cache);
            assertThat(growth).isLessThan(TOLERANCE_BYTES);
        }
    }
}
