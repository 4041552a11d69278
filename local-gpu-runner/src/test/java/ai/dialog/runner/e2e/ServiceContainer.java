package ai.dialog.runner.e2e;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A container of the service, as strictly confined as compose.yaml has it; removed by {@link #close}. */
final class ServiceContainer implements AutoCloseable {

    static final String KEY = "an-api-key-for-the-tests";

    final String name;
    final HttpClient client = HttpClient.newHttpClient();

    /** A container that somebody else starts. */
    ServiceContainer(String name) {
        this.name = name;
    }

    /** Starts one that listens on a free port of the loopback address. */
    static ServiceContainer start(String image, String... options) {
        String name = "ai-dialog-it-" + Long.toString(System.nanoTime(), 36);
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"));
        command.addAll(List.of("--security-opt", "no-new-privileges", "-p", "127.0.0.1::18789"));
        command.addAll(List.of(options));
        command.add(image);
        Docker.run(command.toArray(String[]::new));
        return new ServiceContainer(name);
    }

    /** Waits until Docker's own health check says so. */
    ServiceContainer awaitHealthy() {
        long end = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (!inspect("{{.State.Health.Status}}").equals("healthy")) {
            if (System.nanoTime() > end || !inspect("{{.State.Running}}").equals("true")) {
                throw new IllegalStateException("not healthy: " + Docker.logs(name));
            }
            pause();
        }
        return this;
    }

    /** Waits until it has ended; its exit code. */
    int awaitEnd() {
        return Integer.parseInt(Docker.run("wait", name));
    }

    static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String inspect(String format) {
        return Docker.run("inspect", "-f", format, name);
    }

    URI url(String path) {
        String published = Docker.run("port", name, "18789").lines().findFirst().orElseThrow();
        return URI.create("http://" + published.substring(published.indexOf("127.0.0.1")) + path);
    }

    HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path))
                .timeout(Duration.ofMinutes(5))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json");
    }

    HttpRequest chat(String question, String more) {
        return request("/v1/chat/completions")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                                .formatted(question, more)))
                .build();
    }

    @Override
    public void close() {
        client.close();
        Docker.run("rm", "-f", "-v", name);
    }
}
