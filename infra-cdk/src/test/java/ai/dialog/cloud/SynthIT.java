package ai.dialog.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person types: the real command line of CDK in the module's folder, and cfn-lint on what it writes. */
class SynthIT {

    private static final Path OUT = Path.of("target/synth").toAbsolutePath();
    private static final Path VENV = Path.of("target/cfn-lint").toAbsolutePath();
    private static final String CFN_LINT = "cfn-lint==1.58.0";

    @TempDir
    private static Path elsewhere;

    @BeforeAll
    static void lintIsThere() throws IOException, InterruptedException {
        Path done = VENV.resolve("installed");
        if (Files.exists(done) && Files.readString(done).equals(CFN_LINT)) {
            return;
        }
        ended(run(List.of("python3", "-m", "venv", VENV.toString())));
        ended(run(List.of(VENV.resolve("bin/python").toString(), "-m", "pip", "install", "-q", CFN_LINT)));
        Files.writeString(done, CFN_LINT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void aStageIsSynthesizedAndCfnLintHasNothingToSay(String stage) throws IOException, InterruptedException {
        Path out = OUT.resolve(stage);
        ended(synth(
                out,
                List.of(
                        "-c",
                        "stage=" + stage,
                        "-c",
                        "model=s3://my-models/small.gguf",
                        "-c",
                        "dockerfile=" + dockerfile(),
                        "-c",
                        "domainName=api.example.org",
                        "-c",
                        "certificateArn=" + Certificates.PUBLIC,
                        "-c",
                        "internalDomain=models.example.org",
                        "-c",
                        "internalCertificateArn=" + Certificates.INTERNAL,
                        "-c",
                        "gatewayKeys=true",
                        "-c",
                        "corsOrigins=https://chat.example.org",
                        "-c",
                        "waf=true",
                        "-c",
                        "alarmEmail=ops@example.org")));
        ended(lint(out));
    }

    @Test
    void aServerElsewhereIsSynthesizedToo() throws IOException, InterruptedException {
        Path out = OUT.resolve("elsewhere");
        ended(synth(
                out,
                List.of(
                        "-c",
                        "inferenceUrl=http://models.example.test:18789",
                        "-c",
                        "chatMode=buffered",
                        "-c",
                        "snapStart=false",
                        "-c",
                        "limits=false",
                        "-c",
                        "alarms=false")));
        ended(lint(out));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void cfnLintHasNothingToSayOfAnotherEngine(String engine) throws IOException, InterruptedException {
        ended(lint(Stacks.engine(engine).folder()));
    }

    /** Another order of a list would be another task definition, version or deployment each time. */
    @Test
    void theSameSettingsAreTheSameTemplateEachTime() throws IOException, InterruptedException {
        List<String> settings = List.of("-c", "model=s3://my-models/small.gguf", "-c", "image=" + Stacks.IMAGE);
        for (String time : List.of("once", "again")) {
            ended(synth(OUT.resolve(time), settings));
        }
        assertThat(Json.read(Files.readString(OUT.resolve("once/ai-dialog-dev.template.json"))))
                .isEqualTo(Json.read(Files.readString(OUT.resolve("again/ai-dialog-dev.template.json"))));
    }

    @Test
    void aWrongSettingIsOneLineThatNamesIt() throws IOException, InterruptedException {
        Ended refused = synth(OUT.resolve("refused"), List.of("-c", "allowedCidrs="));
        assertThat(refused.code()).isNotZero();
        assertThat(refused.output()).contains("ai-dialog: allowedCidrs: ").doesNotContain("\tat ");
    }

    /** A stand-in that nobody builds: what the real image is made of is the container's tests' affair. */
    private static Path dockerfile() throws IOException {
        Path folder = Files.createDirectories(elsewhere.resolve("root/local-gpu-runner"));
        return Files.writeString(folder.resolve("Dockerfile"), "FROM scratch AS cpu\nFROM scratch AS cuda\n");
    }

    private static Ended synth(Path out, List<String> settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "npx",
                "--yes",
                "aws-cdk@2.1148.1",
                "synth",
                "--quiet",
                "--no-notices",
                // Maven is building right now
                "--build",
                "true",
                "--output",
                out.toString(),
                "-c",
                "allowedCidrs=192.168.1.0/24,2001:db8::/32",
                "-c",
                "functionsArtefact=" + Stacks.zip("functions-lambda.zip"),
                "-c",
                "chatArtefact=" + Stacks.zip("chat-runtime.zip")));
        command.addAll(settings);
        return run(command);
    }

    private static Ended lint(Path out) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(VENV.resolve("bin/cfn-lint").toString(), "-t"));
        try (var files = Files.list(out)) {
            command.addAll(files.map(Path::toString)
                    .filter(name -> name.endsWith(".template.json"))
                    .toList());
        }
        assertThat(command).hasSizeGreaterThan(2);
        return run(command);
    }

    private record Ended(List<String> command, int code, String output) {}

    private static void ended(Ended ended) {
        assertThat(ended.code()).as("%s: %s", ended.command(), ended.output()).isZero();
    }

    private static Ended run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(elsewhere, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        boolean inTime = process.waitFor(10, TimeUnit.MINUTES);
        if (!inTime) {
            process.destroyForcibly();
        }
        return new Ended(command, inTime ? process.exitValue() : -1, Files.readString(output, StandardCharsets.UTF_8));
    }
}
