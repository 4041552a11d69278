package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The API key out of a file. */
class ApiKeyOptionsTest {

    @TempDir
    Path folder;

    @Test
    void theFilesTextIsTheKeyWithoutItsLineEnd() throws IOException {
        assertThat(ApiKeyOptions.read(file("a-secret-key\n", "rw-------"), List.of()))
                .isEqualTo("a-secret-key");
    }

    @Test
    void aFileThatOthersCanReadIsRefusedButWhereTheContainerEngineMountsSecrets() throws IOException {
        Path readable = file("a-secret-key", "r--r--r--");

        assertThatThrownBy(() -> ApiKeyOptions.read(readable, List.of(Path.of("/run/secrets"))))
                .hasMessageContaining("chmod 600");
        assertThat(ApiKeyOptions.read(readable, List.of(folder.toAbsolutePath())))
                .isEqualTo("a-secret-key");
    }

    @Test
    void aFileThatOthersCanChangeIsRefusedEverywhere() throws IOException {
        Path writable = file("a-secret-key", "rw-rw-rw-");

        assertThatThrownBy(() -> ApiKeyOptions.read(writable, List.of(folder))).hasMessageContaining("chmod go-w");
    }

    @Test
    void whatIsNoKeyIsRefusedAndNeverShown() throws IOException {
        for (String text : List.of("", "\n", "first-secret\nsecond-secret", "x".repeat(1025))) {
            Path file = file(text, "rw-------");
            assertThatThrownBy(() -> ApiKeyOptions.read(file, List.of()))
                    .hasMessageContaining("API key file")
                    .message()
                    .doesNotContain("secret-")
                    .doesNotContain("xxx");
        }
        assertThatThrownBy(() -> ApiKeyOptions.read(folder.resolve("none"), List.of()))
                .hasMessageContaining("is not there");
    }

    @Test
    void theEnvironmentNamesTheFileAndAKeyBesideItIsRefused() throws IOException {
        String file = file("a-secret-key\n", "rw-------").toString();

        assertThat(parsed(Map.of("API_KEY_FILE", file)).value()).isEqualTo("a-secret-key");
        assertThatThrownBy(() -> parsed(Map.of("API_KEY_FILE", file, "API_KEY", "another-key"))
                        .value())
                .hasMessageContaining("give one");
    }

    @Command
    static final class Holder {
        @Mixin
        private ApiKeyOptions keys = new ApiKeyOptions();
    }

    private ApiKeyOptions parsed(Map<String, String> environment) {
        Holder holder = new Holder();
        new CommandLine(holder)
                .setDefaultValueProvider(new OptionDefaults(environment, folder))
                .parseArgs();
        return holder.keys;
    }

    private Path file(String text, String permissions) throws IOException {
        Path file = Files.createTempFile(folder, "key", "");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
