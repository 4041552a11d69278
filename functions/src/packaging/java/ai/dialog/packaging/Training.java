package ai.dialog.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run of the packaged function that answers real chats, from which the JVM writes the AOT cache: the classes that were loaded
 * and linked (JEP 483 and 514).
 */
final class Training {

    /** Enough for every class on a chat's way to be loaded; a second of the build. */
    private static final int ROUNDS = 40;

    private static final Duration LONGEST = Duration.ofMinutes(4);
    private static final JsonMapper JSON = JsonMapper.shared();

    private Training() {}

    /**
     * Trains the function in a folder.
     *
     * @param task the folder, as Lambda has it in {@code /var/task}
     * @param cache what to write there
     * @throws IllegalStateException where the function does not answer as it should
     */
    static void run(Path task, String cache, Path scratch) throws IOException, InterruptedException {
        Files.createDirectories(scratch);
        try (var server = new TrainingServer(scratch.resolve("keys"));
                var api = new RuntimeApiStandIn()) {
            var command = new ArrayList<>(List.of("jre/bin/java", "-XX:AOTCacheOutput=" + cache, "@java.options"));
            var builder = new ProcessBuilder(command)
                    .directory(task.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(scratch.resolve("training.log").toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("JAVA_"));
            builder.environment().putAll(server.environment());
            builder.environment().put("AWS_LAMBDA_RUNTIME_API", api.address());
            var process = builder.start();
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    round(api, server);
                }
                // without events the function ends by itself, and writes what it has learnt
                api.noMoreEvents();
                if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("The training run does not end; see " + scratch);
                }
            } finally {
                process.destroyForcibly();
            }
        }
        if (!Files.exists(task.resolve(cache))) {
            throw new IllegalStateException(
                    "The training run left no AOT cache:\n" + Files.readString(scratch.resolve("training.log")));
        }
    }

    private static void round(RuntimeApiStandIn api, TrainingServer server) throws InterruptedException {
        answered(api, chat(server.apiKey, true), 200);
        answered(api, chat(server.token, true), 200);
        answered(api, chat(server.apiKey, false), 200);
        answered(api, chat("sk-of-nobody-0123456789", true), 401);
        answered(api, "{}", 400);
    }

    private static void answered(RuntimeApiStandIn api, String event, int status) throws InterruptedException {
        var answer = api.invoke(new StandInInvocation(event)
                        .header("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e7e1;Sampled=0"))
                .awaitEnd(Duration.ofSeconds(30));
        int got = JSON.readTree(answer.prelude()).path("statusCode").intValue();
        if (got != status) {
            throw new IllegalStateException("An event of the training was answered with " + got + ", not " + status);
        }
    }

    private static String chat(String credential, boolean stream) {
        String body = JSON.writeValueAsString(Map.of(
                "stream",
                stream,
                "max_tokens",
                64,
                "messages",
                List.of(Map.of("role", "user", "content", "What is the capital of France?"))));
        var headers = Map.of(
                "Authorization", List.of("Bearer " + credential),
                "Content-Type", List.of("application/json"),
                "Accept", List.of("*/*"));
        return JSON.writeValueAsString(Map.of(
                "httpMethod",
                "POST",
                "path",
                "/v1/chat/completions",
                "multiValueHeaders",
                headers,
                "requestContext",
                Map.of("stage", "prod", "identity", Map.of("sourceIp", "203.0.113.45")),
                "body",
                body,
                "isBase64Encoded",
                false));
    }
}
