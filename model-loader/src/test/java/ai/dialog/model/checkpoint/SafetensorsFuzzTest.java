package ai.dialog.model.checkpoint;

import ai.dialog.model.Bounded;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes as a folder of config.json and model.safetensors, with the byte 0x1E (which no JSON holds) between the two: it
 * opens, and all of it can be read, or it is refused with a {@link ai.dialog.model.ModelException}.
 */
class SafetensorsFuzzTest {

    private static final byte BETWEEN = 0x1e;

    @TempDir
    Path folder;

    @FuzzTest(maxDuration = "10m")
    void anyFolderIsReadOrRefused(byte[] data) throws IOException {
        int config = 0;
        while (config < data.length && data[config] != BETWEEN) {
            config++;
        }
        Files.write(folder.resolve("config.json"), Arrays.copyOf(data, config));
        Files.write(
                folder.resolve("model.safetensors"),
                Arrays.copyOfRange(data, Math.min(config + 1, data.length), data.length));
        Bounded.run(data.length, GgufFuzzTest.PER_BYTE, 16, () -> GgufFuzzTest.openAndRead(folder));
    }
}
