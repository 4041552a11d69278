package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rehearse --service} as the launcher and the image's build run it. */
class RehearseIT {

    private static final Path CHECKPOINT = Path.of("../model-loader/src/test/resources/checkpoints/llama-tied-f32")
            .toAbsolutePath()
            .normalize();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path temporary;

    @BeforeEach
    void settingsOfAUser() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
        // in the working folder, where a command looks for it
        Files.writeString(
                folder.resolve("ai-dialog.properties"),
                "host = 192.0.2.1\nallow = 192.0.2.0/24\naudit-log = %s\ngrace = -1\n"
                        .formatted(folder.resolve("audit.log")));
    }

    private record Ended(int code, String output) {}

    private Ended rehearse(Path model) throws Exception {
        List<String> command = ServiceProcess.command("rehearse", "--service", model.toString());
        command.add(1, "-Djava.io.tmpdir=" + temporary);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }

    private void nothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("ai-dialog-rehearsal"));
        }
        assertThat(folder.resolve("audit.log")).doesNotExist();
    }

    @Test
    void itObeysNoSettingsOfTheUser_andLeavesNothingBehind() throws Exception {
        Ended ended = rehearse(CHECKPOINT);
        assertThat(ended.code()).as(ended.output()).isZero();
        nothingIsLeft();
    }

    @Test
    void whereTheServiceRefusesAChat_theRehearsalFails_thoughTheServiceEndsInOrder() throws Exception {
        Path broken = Files.createDirectory(folder.resolve("broken"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(CHECKPOINT.resolve(file), broken.resolve(file));
        }
        Files.writeString(
                broken.resolve("tokenizer_config.json"),
                "{\"bos_token\":\"<|im_start|>\",\"eos_token\":\"<|im_end|>\",\"chat_template\":\"{{ raise_exception('no chats') }}\"}");
        Ended ended = rehearse(broken);
        assertThat(ended.code()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains("the rehearsed service answered /v1/chat/completions with 4");
        nothingIsLeft();
    }
}
