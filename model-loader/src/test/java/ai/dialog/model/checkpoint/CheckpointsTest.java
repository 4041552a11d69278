package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {

    private static final Path GGUF = Fixtures.FOLDER.resolve("llama-q4_0.gguf");

    @TempDir
    Path folder;

    @Test
    void anAbsentFileIsReportedWithTheNearestFolderAndItsPermissions() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        Path file = folder.resolve("models/tiny.gguf");
        assertThatThrownBy(() -> Checkpoints.open(file))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("Model not found: looked at " + file + " (does not exist; folder " + folder
                        + " exists, rwxr-x---, owner ");
    }

    @Test
    void aFolderWithoutAModelIsReportedWithWhatWasLookedFor() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("Model not found: looked into " + folder + " (folder exists, rwxr-xr-x, owner ")
                .hasMessageContaining("model.safetensors");
    }

    @Test
    void aFileOrFolderWithoutPermissionIsReportedWithItsPermissions() throws IOException {
        Path file = Files.copy(GGUF, folder.resolve("tiny.gguf"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-wx------"));
        assumeThat(Files.isReadable(file))
                .as("running as root, who may read everything")
                .isFalse();
        assertThatThrownBy(() -> Checkpoints.open(file))
                .hasMessageContaining("Model not found: looked at " + file + " (exists, -wx------, owner ")
                .hasMessageContaining("may not read it");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("-w-------"));
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .hasMessageContaining("Model not found: looked at " + folder + " (folder exists, -w-------, owner ");
        assertThatThrownBy(() -> Checkpoints.open(file)).hasMessageContaining("(cannot be seen; folder " + folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aFolderWithOneGgufOpensIt() throws IOException {
        Files.copy(GGUF, folder.resolve("Tiny.GGUF"));
        Files.writeString(folder.resolve("README.md"), "hello");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.format()).isEqualTo("gguf");
            assertThat(checkpoint.path()).isEqualTo(folder.resolve("Tiny.GGUF"));
        }
    }

    @Test
    void aFolderWithSeveralGgufsNamesThem() throws IOException {
        Files.copy(GGUF, folder.resolve("b.gguf"));
        Files.copy(GGUF, folder.resolve("a.gguf"));
        assertThatThrownBy(() -> Checkpoints.open(folder)).hasMessageContaining("give one of them: a.gguf, b.gguf");
    }

    @Test
    void aFileOfAnotherKindIsNoModel() throws IOException {
        Path file = Files.writeString(folder.resolve("model.bin"), "x");
        assertThatThrownBy(() -> Checkpoints.open(file))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("give a .gguf file");
    }

    @Test
    void anEmptyFileIsTruncated() throws IOException {
        Path gguf = Files.createFile(folder.resolve("empty.gguf"));
        assertThatThrownBy(() -> Checkpoints.open(gguf)).hasMessageContaining("is not a GGUF file");
        Path safetensors = Files.createFile(folder.resolve("empty.safetensors"));
        Files.copy(Fixtures.FOLDER.resolve("llama-tied-f32/config.json"), folder.resolve("config.json"));
        assertThatThrownBy(() -> Checkpoints.open(safetensors)).hasMessageContaining("is truncated: it has 0 bytes");
    }

    @Test
    void theChecksumOfOneFileIsItsSha256() throws Exception {
        try (Checkpoint checkpoint = Checkpoints.open(GGUF)) {
            assertThat(checkpoint.sha256()).isEqualTo(Fixtures.sha256(Files.readAllBytes(GGUF)));
            assertThat(checkpoint.sha256()).isSameAs(checkpoint.sha256());
        }
    }

    @Test
    void theChecksumOfSeveralFilesCoversTheConfiguration() throws Exception {
        Path source = Fixtures.FOLDER.resolve("llama-bias-bf16");
        byte[] config = Files.readAllBytes(source.resolve("config.json"));
        byte[] weights = Files.readAllBytes(source.resolve("model.safetensors"));
        String lines = Fixtures.sha256(config) + "  config.json\n" + Fixtures.sha256(weights) + "  model.safetensors\n";
        try (Checkpoint checkpoint = Checkpoints.open(source)) {
            assertThat(checkpoint.sha256())
                    .isEqualTo(Fixtures.sha256(lines.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
    }

    @Test
    void readingAnUnknownTensorOrIntoTooSmallATargetFails() {
        try (Checkpoint checkpoint = Checkpoints.open(GGUF)) {
            assertThatThrownBy(() -> checkpoint.shape("nothing"))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("has no tensor nothing");
            assertThatThrownBy(() -> checkpoint.read(TensorNames.EMBEDDING, new float[7]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the target holds 7");
        }
    }

    @Test
    void closingTwiceIsHarmlessAndReadingAfterwardsFailsCleanly() {
        Checkpoint checkpoint = Checkpoints.open(GGUF);
        checkpoint.close();
        checkpoint.close();
        assertThatThrownBy(() -> checkpoint.read(TensorNames.OUTPUT_NORM, new float[64]))
                .isInstanceOf(IllegalStateException.class);
    }
}
