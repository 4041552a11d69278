package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.remote.FakeUpstream;
import ai.dialog.packaging.RuntimeApiStandIn;
import ai.dialog.packaging.StandInInvocation;
import ai.dialog.packaging.StandInInvocation.State;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package that is deployed, as it was built: unpacked in another folder, started by its bootstrap. */
class ChatRuntimeArtefactIT {

    static final Path ARTEFACT = Path.of("target/chat-runtime.zip");
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    void itIsSmallAndHasItsModesAndNoServerAndNoModelInIt() throws IOException {
        assertThat(Files.size(ARTEFACT)).isLessThan(60_000_000);
        var names = unpack(folder);
        assertThat(names)
                .contains("bootstrap", "chat.aot", "java.options", "jre/bin/java", "lib/functions.jar")
                .noneMatch(
                        name -> name.matches(
                                "lib/.*(netty|webflux|webmvc|spring-web-|tomcat|adapter-aws|lambda-java|djl|pytorch|junit|wiremock).*"));
        for (String program : List.of("bootstrap", "jre/bin/java")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve(program)))
                    .contains(PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OWNER_EXECUTE);
        }
    }

    @Test
    void itStreamsAndItsCacheIsAcceptedInAnotherFolder() throws Exception {
        unpack(folder);
        var goOn = new Semaphore(0);
        try (var upstream = new FakeUpstream((request, reply) -> model(request, reply, goOn));
                var api = new RuntimeApiStandIn()) {
            var process = start(api, Map.of("INFERENCE_URL", upstream.uri().toString()), "-Xlog:aot");
            try {
                var answer = api.invoke(RuntimeRig.stream("any")).awaitPieces(3, LONG);
                assertThat(RuntimeRig.said(answer)).isEqualTo("Paris");
                goOn.release();
                assertThat(answer.awaitEnd(LONG).state()).isEqualTo(State.ENDED);
                assertThat(RuntimeRig.events(answer).getLast()).isEqualTo("[DONE]");
                var malformed = api.invoke(new StandInInvocation("{}")).awaitEnd(LONG);
                assertThat(RuntimeRig.status(malformed)).isEqualTo(400);
            } finally {
                end(process, api);
            }
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(log()).contains("Using AOT-linked classes: true").doesNotContain("mismatch", "[error");
        }
    }

    @Test
    void aCacheThatIsRefusedCostsTimeAndNothingElse() throws Exception {
        unpack(folder);
        Files.setLastModifiedTime(
                folder.resolve("lib/functions.jar"), java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L));
        try (var upstream = new FakeUpstream((request, reply) -> model(request, reply, new Semaphore(1)));
                var api = new RuntimeApiStandIn()) {
            var process = start(api, Map.of("INFERENCE_URL", upstream.uri().toString()), "");
            try {
                var answer = api.invoke(RuntimeRig.stream("any")).awaitEnd(LONG);
                assertThat(RuntimeRig.said(answer)).isEqualTo("Paris.");
            } finally {
                end(process, api);
            }
            assertThat(log()).contains("timestamp has changed");
        }
    }

    @Test
    void withoutItsSettingsItTellsLambdaWhichOneIsMissing() throws Exception {
        unpack(folder);
        try (var api = new RuntimeApiStandIn()) {
            var process = start(api, Map.of(), "");
            assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(api.initErrors()).hasSize(1);
            assertThat(api.initErrors().getFirst()).contains("INFERENCE_URL");
            assertThat(log()).contains("chat-runtime: the function cannot start: INFERENCE_URL");
        }
    }

    private Process start(RuntimeApiStandIn api, Map<String, String> environment, String options) throws IOException {
        var builder = new ProcessBuilder(folder.resolve("bootstrap").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        // nothing of this machine: no Java, no AWS
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().put("LAMBDA_TASK_ROOT", folder.toString());
        builder.environment().put("AWS_LAMBDA_RUNTIME_API", api.address());
        builder.environment().put("API_KEY", "sk-local-example-0123456789abcdef");
        builder.environment().put("KEYS_FOLDER", folder.resolve("keys").toString());
        builder.environment().putAll(environment);
        if (!options.isEmpty()) {
            builder.environment().put("JAVA_TOOL_OPTIONS", options);
        }
        return builder.start();
    }

    private static void end(Process process, RuntimeApiStandIn api) throws Exception {
        api.noMoreEvents();
        try {
            assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /** As an unzip program does it: with modes and times. */
    static List<String> unpack(Path to) throws IOException {
        var names = new ArrayList<String>();
        try (var zip = FileSystems.newFileSystem(
                        URI.create("jar:" + ARTEFACT.toUri()), Map.of("enablePosixFileAttributes", "true"));
                Stream<Path> entries = Files.walk(zip.getPath("/"))) {
            for (Path entry : entries.filter(Files::isRegularFile).toList()) {
                String name = entry.toString().substring(1);
                Path file = to.resolve(name);
                Files.createDirectories(file.getParent());
                Files.copy(entry, file);
                Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(entry));
                Files.setLastModifiedTime(file, Files.getLastModifiedTime(entry));
                names.add(name);
            }
        }
        return names;
    }

    private static void model(FakeUpstream.Request request, FakeUpstream.Reply reply, Semaphore goOn)
            throws IOException, InterruptedException {
        if (request.path().equals("/v1/models")) {
            RuntimeRig.models(reply);
            return;
        }
        reply.stream().event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Paris\"}}]}");
        assertThat(goOn.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        reply.event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\".\"},\"finish_reason\":\"stop\"}]}")
                .event("[DONE]")
                .end();
    }
}
