package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.dialog.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of damaged files, the same on every run: each opens and reads, or fails with a ModelException. */
class FuzzTest {

    private static final int MUTATIONS = 3_000;

    /** Where the headers end: damage in the weights only changes numbers, so most of it goes before. */
    private static final int HEADER = 9_000;

    private static final byte[] EXTREMES = {0, 1, -1, 127, -128, 9, 64};

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20_260_101);

    @TempDir
    Path folder;

    @Test
    void aDamagedGgufFileIsReadOrRefusedButNeverBreaks() throws Exception {
        byte[] good = Fixtures.bytes("llama-linear-q8_0.gguf");
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Path file = Files.write(folder.resolve("damaged.gguf"), damaged(good, HEADER));
            refused += openAndRead(file) ? 0 : 1;
        }
        assertThat(refused).as("refused files").isBetween(MUTATIONS / 4, MUTATIONS - 1);
    }

    @Test
    void aDamagedSafetensorsFileIsReadOrRefusedButNeverBreaks() throws Exception {
        byte[] good = Fixtures.bytes("llama-bias-bf16/model.safetensors");
        Files.copy(Fixtures.FOLDER.resolve("llama-bias-bf16/config.json"), folder.resolve("config.json"));
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Path file = Files.write(folder.resolve("model.safetensors"), damaged(good, 2_000));
            refused += openAndRead(file) ? 0 : 1;
        }
        assertThat(refused).as("refused files").isBetween(MUTATIONS / 4, MUTATIONS - 1);
    }

    @Test
    void aDamagedConfigurationIsReadOrRefusedButNeverBreaks() throws Exception {
        Path source = Fixtures.FOLDER.resolve("llama-yarn-bf16");
        byte[] good = Files.readAllBytes(source.resolve("config.json"));
        Files.copy(source.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        int refused = 0;
        for (int i = 0; i < MUTATIONS / 3; i++) {
            Files.write(folder.resolve("config.json"), damaged(good, good.length));
            refused += openAndRead(folder) ? 0 : 1;
        }
        assertThat(refused).as("refused files").isBetween(MUTATIONS / 12, MUTATIONS / 3 - 1);
    }

    private boolean openAndRead(Path path) {
        try (Checkpoint checkpoint = Checkpoints.open(path)) {
            for (String name : checkpoint.tensorNames()) {
                long elements = Arrays.stream(checkpoint.shape(name)).reduce(1, (a, b) -> a * b);
                assertThat(elements).isLessThan(1 << 16);
                checkpoint.read(name, new float[(int) elements]);
            }
            checkpoint.vocabulary();
            return true;
        } catch (ModelException e) {
            assertThat(String.valueOf(e.getMessage())).isNotBlank().hasSizeLessThan(2_000);
            return false;
        } catch (RuntimeException | Error e) {
            return fail("damage got through as " + e, e);
        }
    }

    /** One to four changes: a bit, a byte, a whole number, a piece copied elsewhere, or a cut. */
    private byte[] damaged(byte[] good, int header) {
        byte[] bytes = good.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(Math.min(header, bytes.length - 8));
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = EXTREMES[random.nextInt(EXTREMES.length)];
                case 2 -> Arrays.fill(bytes, at, at + 1 + random.nextInt(8), EXTREMES[random.nextInt(EXTREMES.length)]);
                case 3 -> {
                    int length = Math.min(1 + random.nextInt(32), bytes.length - Math.max(at, 1) - 1);
                    int from = random.nextInt(bytes.length - length);
                    System.arraycopy(bytes, from, bytes, at, length);
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        bytes = Arrays.copyOf(bytes, Math.max(16, random.nextInt(bytes.length)));
                    }
                }
            }
        }
        return bytes;
    }
}
