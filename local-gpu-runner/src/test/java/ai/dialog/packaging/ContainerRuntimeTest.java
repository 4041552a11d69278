package ai.dialog.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerRuntimeTest {

    private static final List<String> SMALLEST = List.of("java.base");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void aHalfMadeRuntimeIsMadeAgain() throws IOException {
        Path runtime = folder.resolve("runtime");
        Path left = Files.createDirectories(runtime.resolve("lib")).resolve("modules");
        Files.writeString(left, "half");
        Files.createDirectories(folder.resolve("runtime-partial/bin"));

        ContainerRuntime.link(runtime, SMALLEST);

        assertThat(runtime.resolve("release")).isNotEmptyFile();
        assertThat(runtime.resolve("bin/java")).isExecutable();
        assertThat(Files.size(left)).isGreaterThan(1_000_000);
        assertThat(folder.resolve("runtime-partial")).doesNotExist();
    }

    @Test
    void aWholeRuntimeIsLeftAsItIs() throws IOException {
        Path runtime = Files.createDirectory(folder.resolve("runtime"));
        Path release = Files.writeString(runtime.resolve("release"), "JAVA_VERSION=\"25\"");

        ContainerRuntime.link(runtime, SMALLEST);

        assertThat(runtime).isDirectoryContaining(file -> file.equals(release));
        assertThat(runtime.resolve("bin")).doesNotExist();
    }
}
