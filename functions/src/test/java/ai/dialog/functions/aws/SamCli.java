package ai.dialog.functions.aws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/** The SAM command line, in a Python environment of its own under {@code target}, with the functions' real containers. */
final class SamCli {

    private static final String VERSION = "aws-sam-cli==1.170.0";

    /** Installing it takes a slow network minutes. */
    private static final Duration LONGEST = Duration.ofMinutes(8);

    private static final Path FOLDER = Path.of("target/sam").toAbsolutePath();

    /** It would ask STS who calls, and wait for it. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "SAM_CLI_TELEMETRY", "0",
            "AWS_MAX_ATTEMPTS", "1",
            "AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1",
            "AWS_ACCESS_KEY_ID", "none",
            "AWS_SECRET_ACCESS_KEY", "none",
            "AWS_DEFAULT_REGION", "eu-central-1");

    private final String inferenceUrl;

    /** Installs it where it is not there yet. */
    SamCli(String inferenceUrl) throws IOException, InterruptedException {
        requireDocker();
        this.inferenceUrl = inferenceUrl;
        Path done = FOLDER.resolve("installed");
        if (!Files.exists(done) || !Files.readString(done).equals(VERSION)) {
            run(List.of("python3", "-m", "venv", FOLDER.toString()));
            run(List.of(program("pip"), "install", "-q", VERSION));
            Files.writeString(done, VERSION);
        }
    }

    /** This machine as the functions' containers see it: its address on Docker's bridge. */
    static InetAddress host() throws IOException {
        NetworkInterface bridge = NetworkInterface.getByName("docker0");
        if (bridge == null) {
            throw new AssertionError(
                    "This test needs Docker's default bridge, docker0, for functions to reach the test");
        }
        return bridge.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("docker0 has no IPv4 address"));
    }

    private static void requireDocker() {
        try {
            if (DockerClientFactory.instance().isDockerAvailable()) {
                return;
            }
        } catch (RuntimeException | LinkageError told) {
            // told below
        }
        throw new AssertionError("This test needs Docker, for the functions' containers, with the images"
                + " public.ecr.aws/lambda/java:25 and public.ecr.aws/lambda/provided:al2023");
    }

    /** {@code sam local invoke}; what the function answered. */
    String invoke(String function, String event) throws IOException, InterruptedException {
        return run(command("invoke", function, "--event", "../events/" + event + ".json"));
    }

    /** {@code sam local start-lambda} or {@code start-api}, which keep a function's container for its next call. */
    Served serve(String what) throws IOException {
        int port = freePort();
        List<String> command =
                command(what, "--host", "127.0.0.1", "--port", Integer.toString(port), "--warm-containers", "LAZY");
        Process process = builder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "sam-" + what + ".log").toFile())
                .start();
        Served served = new Served(process, port);
        served.awaitListening();
        return served;
    }

    /** A server of SAM's, ended by {@link #close}, and its containers with it. */
    record Served(Process process, int port) implements AutoCloseable {

        private void awaitListening() {
            for (int i = 0; i < 1200 && process.isAlive(); i++) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                    return;
                } catch (IOException notYet) {
                    pause();
                }
            }
            throw new AssertionError("SAM does not listen; its log is in target/sam-*.log");
        }

        private void pause() {
            try {
                process.waitFor(100, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("SAM did not end");
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<String> command(String what, String... options) {
        List<String> command = new ArrayList<>(List.of(program("sam"), "local", what));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "--template",
                "../events/template.yaml",
                "--skip-pull-image",
                "--parameter-overrides",
                "InferenceUrl=" + inferenceUrl));
        return command;
    }

    private static String program(String name) {
        return FOLDER.resolve("bin").resolve(name).toString();
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(ENVIRONMENT);
        return builder;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(Path.of("target"), "sam-", ".log");
        Path output = Files.createTempFile(Path.of("target"), "sam-", ".out");
        Process process = builder(command)
                .redirectError(log.toFile())
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new AssertionError(command + " did not end: " + Files.readString(log));
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " failed: " + Files.readString(log));
        }
        return Files.readString(output).strip();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
