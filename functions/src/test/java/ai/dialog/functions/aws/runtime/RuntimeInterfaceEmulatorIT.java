package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.remote.FakeUpstream;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The package in the image that stands for {@code provided.al2023}, under AWS's Runtime Interface Emulator. The emulator takes a
 * streamed answer and hands it over whole, as it came from the runtime: status and headers as JSON, eight zero bytes, the body.
 */
class RuntimeInterfaceEmulatorIT {

    private static final DockerImageName IMAGE = DockerImageName.parse("public.ecr.aws/lambda/provided:al2023");
    private static final Duration LONG = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    @Test
    void anEventIsAnsweredUnderAwssOwnEmulator() throws Exception {
        ChatRuntimeArtefactIT.unpack(folder);
        int port = freePort();
        try (var upstream = new FakeUpstream(RuntimeInterfaceEmulatorIT::model);
                var container = new GenericContainer<>(IMAGE)
                        .withNetworkMode("host")
                        .withEnv("INFERENCE_URL", upstream.uri().toString())
                        .withEnv("API_KEY", "sk-local-example-0123456789abcdef")
                        .withEnv("AWS_LAMBDA_FUNCTION_TIMEOUT", "60")
                        .withCreateContainerCmdModifier(command -> underTheEmulator(command, port))) {
            container.start();
            var streamed = invoke(port, RuntimeRig.event("chat-stream").toString());
            assertThat(streamed)
                    .as(container.getLogs())
                    .startsWith("{\"statusCode\":200,")
                    .contains("\0\0\0\0\0\0\0\0data: {", "Paris")
                    .endsWith("data: [DONE]\n\n");
            assertThat(invoke(port, "{}")).startsWith("{\"statusCode\":400,").contains("no REST proxy event");
        }
    }

    private void underTheEmulator(CreateContainerCmd command, int port) {
        Objects.requireNonNull(command.getHostConfig())
                .withBinds(new Bind(folder.toString(), new Volume("/var/task"), AccessMode.ro));
        command.withEntrypoint(
                "/usr/local/bin/aws-lambda-rie",
                "--runtime-interface-emulator-address",
                "127.0.0.1:" + port,
                "--runtime-api-address",
                "127.0.0.1:" + freePort(),
                "/var/task/bootstrap");
    }

    private static String invoke(int port, String event) {
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/2015-03-31/functions/function/invocations"))
                .timeout(LONG)
                .POST(HttpRequest.BodyPublishers.ofString(event))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            try {
                return await().atMost(LONG)
                        .ignoreExceptionsMatching(error -> error instanceof IOException)
                        .until(
                                () -> client.send(request, HttpResponse.BodyHandlers.ofString())
                                        .body(),
                                answer -> !answer.isEmpty());
            } finally {
                client.shutdownNow(); // closing alone would wait for a request that is not answered
            }
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void model(FakeUpstream.Request request, FakeUpstream.Reply reply) throws IOException {
        if (request.path().equals("/v1/models")) {
            RuntimeRig.models(reply);
            return;
        }
        reply.stream()
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Paris\"},\"finish_reason\":\"stop\"}]}")
                .event("[DONE]")
                .end();
    }
}
