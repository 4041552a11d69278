package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.Progress;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The image of the target cpu, built and run on a real engine with the default model mounted, and compose.yaml. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerIT {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String RUN = Long.toString(System.nanoTime(), 36);
    private static final String IMAGE = "ai-dialog-it:" + RUN;

    /** At a few tokens a second on a busy machine still within the grace below. */
    private static final int LONG_ANSWER = 150;

    private static final int GRACE_SECONDS = 240;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private Path models;

    @BeforeAll
    void build() {
        ModelStore store = ModelStore.standard();
        DefaultModel.fetch(store, Progress.SILENT);
        models = store.folder().toAbsolutePath();
        List<String> build = List.of("build", "-q", "-f", "local-gpu-runner/Dockerfile", "--target", "cpu");
        List<String> as = List.of("--build-arg", "BUILD=" + RUN, "-t", IMAGE, ".");
        Docker.run(Stream.concat(build.stream(), as.stream()).toArray(String[]::new));
    }

    @AfterAll
    void remove() {
        Docker.run("rmi", "-f", IMAGE);
        // the stage that the image was made from, which a builder without BuildKit leaves
        String left = Docker.run("images", "-q", "-f", "dangling=true", "-f", "label=ai.dialog.build=" + RUN);
        left.lines().distinct().forEach(id -> Docker.tried(List.of("docker", "rmi", id), Map.of()));
    }

    private ServiceContainer start(String... options) {
        var all = new ArrayList<>(List.of("-v", models + ":/models:ro", "-e", "API_KEY=" + ServiceContainer.KEY));
        all.addAll(List.of(options));
        return ServiceContainer.start(IMAGE, all.toArray(String[]::new));
    }

    @Test
    void itAnswersAChat_readOnly_asNobodyInParticular_andCountsIt() throws Exception {
        try (ServiceContainer container = start().awaitHealthy()) {
            var answer = container.client.send(
                    container.chat("What is the capital of France?", ",\"max_tokens\":40"),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("Paris");
            assertThat(Docker.run("exec", container.name, "id", "-u")).isEqualTo("10001");
            assertThat(container.inspect("{{.HostConfig.ReadonlyRootfs}}")).isEqualTo("true");
            assertThat(Docker.tried(List.of("docker", "exec", container.name, "touch", "/app/x"), Map.of())
                            .code())
                    .isNotZero();
            // nothing was unpacked or fetched at the start
            assertThat(Docker.run("exec", container.name, "ls", "-A", "/tmp")).doesNotContain("djl");
            assertThat(container.get("/metrics").body())
                    .contains("ai_dialog_first_token_seconds_count 1", "ai_dialog_model_load_success 1.0")
                    .contains("ai_dialog_generations_total{outcome=\"completed\"} 1.0")
                    .containsPattern("ai_dialog_decode_tokens_total [1-9]")
                    .containsPattern("ai_dialog_prefill_tokens_total [1-9]");
        }
    }

    @Test
    void onSigterm_aRunningStreamEndsWhole_newRequestsAreRefused_exitCode0() throws Exception {
        try (ServiceContainer container =
                start("-e", "AI_DIALOG_GRACE=" + GRACE_SECONDS).awaitHealthy()) {
            var stream = container.client.send(
                    container.chat(
                            "Tell me a long story.",
                            ",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":%d,\"stream_options\":{\"include_usage\":true}"
                                    .formatted(LONG_ANSWER)),
                    HttpResponse.BodyHandlers.ofInputStream());
            var lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith("data: ");

            var stopped = CompletableFuture.runAsync(
                    () -> Docker.run("stop", "-t", Integer.toString(GRACE_SECONDS), container.name));
            awaitRefusal(container);
            List<String> events =
                    lines.lines().filter(line -> line.startsWith("data: ")).toList();

            assertThat(events.getLast()).isEqualTo("data: [DONE]");
            JsonNode usage = JSON.readTree(events.get(events.size() - 2).substring("data: ".length()));
            assertThat(usage.at("/usage/completion_tokens").asInt()).isEqualTo(LONG_ANSWER);
            assertThat(String.join("", events)).doesNotContain("\"error\"");
            stopped.join();
            assertThat(container.awaitEnd()).isZero();
        }
    }

    /** New requests are answered 503, or not at all, while the stream goes on. */
    private static void awaitRefusal(ServiceContainer container) throws InterruptedException {
        while (true) {
            try {
                var refused = container.client.send(
                        container.chat("Hello", ",\"max_tokens\":1"), HttpResponse.BodyHandlers.ofString());
                if (refused.statusCode() == 503) {
                    return;
                }
                assertThat(refused.statusCode()).isEqualTo(200);
            } catch (IOException e) {
                return;
            }
            ServiceContainer.pause();
        }
    }

    @Test
    void withoutAModel_itSaysWhatToDo_andFetchesNothing(@TempDir Path empty) {
        try (ServiceContainer container =
                ServiceContainer.start(IMAGE, "-v", empty + ":/models:ro", "-e", "API_KEY=" + ServiceContainer.KEY)) {
            assertThat(container.awaitEnd()).isEqualTo(3);
            assertThat(Docker.logs(container.name))
                    .contains("'default' is not in /models")
                    .contains("model pull default --models-dir");
        }
    }

    @Test
    void theImageSaysWhatItIs_andItsCacheOfClassesIsTaken() {
        JsonNode bom = JSON.readTree(Docker.run("run", "--rm", "--entrypoint", "cat", IMAGE, "/app/bom.json"));
        assertThat(bom.at("/bomFormat").asString()).isEqualTo("CycloneDX");
        assertThat(bom.at("/components").findValuesAsString("name")).contains("pytorch-engine", "micrometer-core");
        assertThat(Docker.run("image", "inspect", "-f", "{{.Config.User}} {{.Config.Labels}}", IMAGE))
                .contains("10001:10001", "org.opencontainers.image.title:AI dialog service");
        // with this mode a JVM that cannot take its cache does not start
        assertThat(Docker.run("run", "--rm", "-e", "AI_DIALOG_JAVA_OPTS=-XX:AOTMode=on", IMAGE, "--version"))
                .startsWith("ai-dialog ");
    }

    @Test
    void composeRunsItForTheCpu_withTheKeyFromASecretFile(@TempDir Path folder) throws Exception {
        Path secret = folder.resolve("api-key");
        Files.writeString(secret, ServiceContainer.KEY + "\n");
        // others read it in the container; here its folder is its owner's alone
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r--r--"));
        String project = "ai-dialog-it-" + RUN;
        Map<String, String> environment = Map.of(
                "COMPOSE_PROJECT_NAME",
                project,
                "AI_DIALOG_IMAGE",
                IMAGE,
                "AI_DIALOG_MODELS",
                models.toString(),
                "AI_DIALOG_API_KEY_FILE",
                secret.toString(),
                "AI_DIALOG_PUBLISHED_PORT",
                "0");
        try {
            Docker.compose(environment, "up", "-d", "--no-build");
            String id = Docker.compose(environment, "ps", "-q");
            ServiceContainer container = new ServiceContainer(id).awaitHealthy();

            var answer = container.client.send(
                    container.chat("What is the capital of France?", ",\"max_tokens\":40"),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).contains("Paris");
            assertThat(container.inspect(
                            "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}"
                                    + " {{.HostConfig.LogConfig.Config}} {{.HostConfig.Memory}}"))
                    .contains("true", "[ALL]", "no-new-privileges", "max-file:5 max-size:10m", "4294967296");
            assertThat(container.inspect("{{.Config.Env}}")).doesNotContain(ServiceContainer.KEY);
            Docker.compose(environment, "stop");
            assertThat(container.inspect("{{.State.ExitCode}}")).isEqualTo("0");
        } finally {
            Docker.compose(environment, "down", "-v");
        }
    }

    @Test
    void composeReservesAGpu_andRedirectsToTls_whereThatIsAskedFor() {
        Map<?, ?> gpu = service("gpu");
        assertThat(texts(gpu, "deploy")).contains("driver=nvidia", "capabilities=[gpu]");
        assertThat(texts(gpu, "build")).contains("target=cuda");
        assertThat(texts(gpu, "image")).isEqualTo("ai-dialog:cuda");
        assertThat(texts(gpu, "volumes")).contains("/data/models");
        Map<?, ?> tls = service("tls");
        assertThat(texts(tls, "environment")).contains("AI_DIALOG_TLS=true", "AI_DIALOG_REDIRECT_PORT=80");
        assertThat(texts(tls, "ports")).contains("published=443", "published=80", "target=443", "target=80");
        assertThat(texts(tls, "sysctls")).contains("net.ipv4.ip_unprivileged_port_start=0");
    }

    /** A service of compose.yaml that is named as its profile, as Compose understands it. */
    private static Map<?, ?> service(String profile) {
        Map<String, Map<String, Map<?, ?>>> all =
                new Yaml().load(Docker.compose(Map.of(), "--profile", profile, "config"));
        return Objects.requireNonNull(
                Objects.requireNonNull(all.get("services")).get(profile));
    }

    /** A setting with all that is in it, as text: some versions of Compose print numbers where others print strings. */
    private static String texts(Map<?, ?> service, String setting) {
        return String.valueOf(service.get(setting));
    }
}
