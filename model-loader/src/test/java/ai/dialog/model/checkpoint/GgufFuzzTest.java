package ai.dialog.model.checkpoint;

import ai.dialog.model.Bounded;
import ai.dialog.model.ModelException;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as a GGUF file: it opens, and all of it can be read, or it is refused with a {@link ModelException}. */
class GgufFuzzTest {

    /** Heap for each byte of the file: a boxed number of two bytes takes 20, a block of 18 bytes is read as 128. */
    static final int PER_BYTE = 64;

    @TempDir
    Path folder;

    @FuzzTest(maxDuration = "10m")
    void anyFileIsReadOrRefused(byte[] data) throws IOException {
        Path file = Files.write(folder.resolve("any.gguf"), data);
        Bounded.run(data.length, PER_BYTE, 16, () -> openAndRead(file));
    }

    /** Asks for all that a file can give. */
    static void openAndRead(Path file) {
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            for (String name : checkpoint.tensorNames()) {
                long elements = 1;
                for (long length : checkpoint.shape(name)) {
                    elements = Math.multiplyExact(elements, length);
                }
                checkpoint.read(name, new float[Math.toIntExact(elements)]);
            }
            checkpoint.vocabulary();
            checkpoint.chatTemplate();
            checkpoint.sha256();
        } catch (ModelException refused) {
            if (refused.getMessage() == null || refused.getMessage().length() > 2_000) {
                throw new AssertionError("the message is no use: " + refused.getMessage(), refused);
            }
        }
    }
}
