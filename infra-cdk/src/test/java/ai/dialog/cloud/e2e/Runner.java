package ai.dialog.cloud.e2e;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The packaged service with the default model, as a process that containers on this machine can reach. */
record Runner(Process process) implements AutoCloseable {

    private static final Path JAR = Path.of("../local-gpu-runner/target/ai-dialog.jar");

    /** This machine's address on Docker's bridge. */
    static InetAddress host() throws IOException {
        NetworkInterface bridge = NetworkInterface.getByName("docker0");
        if (bridge == null) {
            throw new AssertionError(
                    "This test needs Docker's default bridge, docker0, for functions to reach the runner");
        }
        return bridge.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new AssertionError("docker0 has no IPv4 address"));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, host())) {
            return socket.getLocalPort();
        }
    }

    /** Starts it; it answers when its model is loaded. */
    static Runner start(int port, String key, Path state) throws IOException {
        if (!JAR.toFile().exists()) {
            throw new AssertionError(JAR + " is missing: run this test through 'mvn verify', which packages it");
        }
        String given = System.getenv("AI_DIALOG_TEST_MODEL");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx1g",
                        "-jar",
                        JAR.toString(),
                        "serve",
                        "--host",
                        host().getHostAddress(),
                        "--allow",
                        "172.16.0.0/12,127.0.0.0/8",
                        "--port",
                        Integer.toString(port),
                        "--state-dir",
                        state.toString(),
                        "--model",
                        given == null ? "default" : given)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "runner.log").toFile());
        builder.environment().put("API_KEY", key);
        return new Runner(builder.start());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
