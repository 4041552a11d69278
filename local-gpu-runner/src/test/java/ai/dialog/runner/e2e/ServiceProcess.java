package ai.dialog.runner.e2e;

import ai.dialog.model.Progress;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ai-dialog-cli serve} as a process on a free port of the loopback address, stopped by {@link #close}. */
final class ServiceProcess implements AutoCloseable {

    static final String KEY = "an-api-key-for-the-tests";

    private static final Pattern LISTENING = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");

    final HttpClient client = HttpClient.newHttpClient();
    final Process process;
    final URI base;

    private ServiceProcess(Process process, URI base) {
        this.process = process;
        this.base = base;
    }

    /** The default model's file: {@code AI_DIALOG_TEST_MODEL}, else fetched into the standard models folder. */
    static Path model() {
        String given = System.getenv("AI_DIALOG_TEST_MODEL");
        return given != null ? Path.of(given) : DefaultModel.fetch(ModelStore.standard(), Progress.SILENT);
    }

    /** A command line that runs the packaged program. */
    static List<String> command(String... arguments) {
        Path jar = Path.of("target", "ai-dialog.jar").toAbsolutePath();
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: run this test through 'mvn verify', which packages it");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xmx1g");
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Starts the service with the default model and waits until it is healthy. */
    static ServiceProcess start(Path state, String... options) {
        List<String> withModel = new ArrayList<>(List.of("--model", model().toString()));
        withModel.addAll(List.of(options));
        return start(state, Map.of(), withModel);
    }

    /** Starts the service with these variables beside the key and waits until it is healthy. */
    static ServiceProcess start(Path state, Map<String, String> environment, List<String> options) {
        List<String> command = command("serve", "--port", "0", "--state-dir", state.toString());
        command.addAll(options);
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("API_KEY", KEY);
            builder.environment().putAll(environment);
            Process process = builder.start();
            BufferedReader output = process.inputReader();
            StringBuilder said = new StringBuilder();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                said.append(line).append('\n');
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
                    URI base = URI.create("http://127.0.0.1:" + listening.group(1));
                    ServiceProcess service = new ServiceProcess(process, base);
                    service.awaitHealthy();
                    return service;
                }
            }
            throw new IllegalStateException("the service ended: " + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitHealthy() {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            if (get("/health").statusCode() == 200) {
                return;
            }
            pause();
        }
        throw new IllegalStateException("the service did not become healthy");
    }

    private void pause() {
        try {
            process.waitFor(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    }

    HttpResponse<String> post(String path, String json) {
        return send(HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(
                    request.header("Authorization", "Bearer " + KEY)
                            .timeout(Duration.ofMinutes(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Resident memory of the process, MiB. */
    long residentMib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IOException("no VmRSS");
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the service did not stop within 30 s of SIGTERM");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
