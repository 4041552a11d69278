package ai.dialog.cloud.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A stack that was deployed into LocalStack, with what it needs around it. */
public final class Deployment implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration A_WHILE = Duration.ofMinutes(4);

    private final LocalAws aws;
    private final List<LocalAws.Resource> resources;
    private final JsonNode outputs;
    private final String gateway;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, String> keys = new HashMap<>();
    private @Nullable Runner runner;

    private Deployment(LocalAws aws, List<LocalAws.Resource> resources, JsonNode outputs) {
        this.aws = aws;
        this.resources = resources;
        this.outputs = outputs;
        String stage = one("AWS::ApiGateway::Stage", "").physicalId();
        gateway = aws.endpoint() + "/_aws/execute-api/"
                + one("AWS::ApiGateway::RestApi", "").physicalId() + "/" + stage;
    }

    /** Bootstraps LocalStack and deploys an assembly's stack. */
    public static Deployment of(String stack, Path assembly) throws IOException, InterruptedException {
        LocalAws aws = new LocalAws();
        try {
            CdkLocal cdk = new CdkLocal(aws);
            cdk.bootstrap();
            JsonNode outputs = cdk.deploy(assembly, stack);
            return new Deployment(aws, aws.resources(stack), outputs);
        } catch (IOException | InterruptedException | RuntimeException | Error failed) {
            aws.close();
            throw failed;
        }
    }

    /** This machine as containers reach it. */
    public static String host() throws IOException {
        return Runner.host().getHostAddress();
    }

    /** A port of {@link #host} that nobody listens on. */
    public static int freePort() throws IOException {
        return Runner.freePort();
    }

    public List<LocalAws.Resource> resources() {
        return resources;
    }

    private LocalAws.Resource one(String type, String logicalId) {
        return resources.stream()
                .filter(resource ->
                        resource.type().equals(type) && resource.logicalId().startsWith(logicalId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("The stack has no " + type + " " + logicalId));
    }

    /** Starts the model server, with the key that the deployment made for it, and waits until the functions call it healthy. */
    public void serveModel(int port, Path folder) throws IOException {
        runner = Runner.start(port, aws.secret(output("InferenceKeySecret")), folder);
        await().atMost(A_WHILE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            assertThat(Objects.requireNonNull(runner).process().isAlive())
                    .as("the runner, whose log is in target/runner.log")
                    .isTrue();
            assertThat(get("/health", "").status()).isEqualTo(200);
        });
    }

    /** Has the deployed function make the signing keys and a key for each caller, as a first rotation does. */
    public void makeKeys(List<String> callers) {
        String rotation = aws.configure(
                one("AWS::Lambda::Function", "FunctionsRotation").physicalId(),
                Map.of(
                        "ROTATION_PROPAGATION_SECONDS", "1",
                        "SIGNING_HEAD_START_SECONDS", "1"));
        String signing =
                one("AWS::SecretsManager::Secret", "SecretsSigningKeys").physicalId();
        aws.rotate(signing, rotation);
        callers.forEach(caller -> aws.rotate(output("KeyOf" + caller), rotation));
        await().atMost(A_WHILE)
                .untilAsserted(() -> assertThat(aws.secret(signing)).contains("kid"));
        for (String caller : callers) {
            await().atMost(A_WHILE).untilAsserted(() -> {
                String key = JSON.readTree(aws.secret(output("KeyOf" + caller)))
                        .path("api_key")
                        .asString("");
                assertThat(key).startsWith("sk-dialog-");
                keys.put(caller, key);
            });
        }
    }

    /** A caller's API key. */
    public String key(String caller) {
        return Objects.requireNonNull(keys.get(caller), caller);
    }

    /** Notes in the document of keys that a caller's are revoked, as {@code keys revoke} does. */
    public void revoke(String caller) {
        String secret = output("ApiKeysSecret");
        ObjectNode document = (ObjectNode) JSON.readTree(aws.secret(secret));
        for (JsonNode key : (ArrayNode) document.path("keys")) {
            if (key.path("owner").asString("").equals(caller)) {
                ((ObjectNode) key)
                        .put(
                                "revoked",
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            }
        }
        aws.putSecret(secret, document.toString());
    }

    private String output(String name) {
        String value = outputs.path(name.replace("-", "")).asString("");
        assertThat(value).as("output %s of %s", name, outputs).isNotEmpty();
        return value;
    }

    /** What came back through the gateway. */
    public record Answer(int status, String body) {
        public JsonNode json() {
            return JSON.readTree(body);
        }
    }

    public Answer get(String path, String credential) {
        return send(request(path, credential).GET());
    }

    public Answer post(String path, String credential, String body) {
        return send(request(path, credential)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path, String credential) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(gateway + path)).timeout(Duration.ofMinutes(4));
        return credential.isEmpty() ? request : request.header("Authorization", "Bearer " + credential);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            client.close();
            if (runner != null) {
                runner.close();
            }
            resources.stream()
                    .filter(resource -> resource.type().equals("AWS::Lambda::Function"))
                    .forEach(function -> aws.deleteFunction(function.physicalId()));
        } finally {
            aws.close();
        }
    }
}
