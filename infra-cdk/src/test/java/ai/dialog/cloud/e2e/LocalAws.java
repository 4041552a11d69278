package ai.dialog.cloud.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** AWS on this machine: LocalStack in a container, spoken to in the wire forms of the services. */
public final class LocalAws implements AutoCloseable {

    private static final DockerImageName IMAGE = DockerImageName.parse("localstack/localstack:4.14.0");
    private static final String MOCKS = "/tmp/mocked-steps.json";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A resource in CloudFormation's answer, which is XML without anything that would need a parser. */
    private static final Pattern RESOURCE = Pattern.compile("<member>(.*?)</member>", Pattern.DOTALL);

    private final HttpClient client = HttpClient.newHttpClient();
    private final LocalStackContainer container;
    private final boolean functions;

    LocalAws() {
        requireDocker();
        functions = true;
        container = new LocalStackContainer(IMAGE)
                .withEnv("LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT", "180")
                // the managed runtime's functions are declared for arm64, and their package is for every architecture
                .withEnv("LAMBDA_IGNORE_ARCHITECTURE", "1")
                .withEnv("LAMBDA_REMOVE_CONTAINERS", "1");
        container.start();
    }

    /** Without functions, and with Step Functions whose steps are answered by a configuration of LocalStack's mocks. */
    LocalAws(String mockedSteps) {
        requireDocker();
        functions = false;
        container = new LocalStackContainer(IMAGE)
                .withEnv("SFN_MOCK_CONFIG", MOCKS)
                .withCopyToContainer(Transferable.of(mockedSteps), MOCKS);
        container.start();
    }

    private static void requireDocker() {
        try {
            if (DockerClientFactory.instance().isDockerAvailable()) {
                return;
            }
        } catch (RuntimeException | LinkageError told) {
            // told below
        }
        throw new AssertionError("This test needs Docker, for LocalStack (" + IMAGE
                + ") and the functions' containers (public.ecr.aws/lambda/java:25)");
    }

    String region() {
        return container.getRegion();
    }

    URI endpoint() {
        return container.getEndpoint();
    }

    /** One of a stack's. */
    public record Resource(String type, String logicalId, String physicalId) {}

    List<Resource> resources(String stack) {
        String xml = query("cloudformation", Map.of("Action", "DescribeStackResources", "StackName", stack));
        return RESOURCE.matcher(xml)
                .results()
                .map(found -> found.group(1))
                .map(member -> new Resource(
                        element(member, "ResourceType"),
                        element(member, "LogicalResourceId"),
                        element(member, "PhysicalResourceId")))
                .toList();
    }

    private static String element(String xml, String name) {
        int begin = xml.indexOf("<" + name + ">");
        int end = xml.indexOf("</" + name + ">");
        return begin < 0 || end < 0 ? "" : xml.substring(begin + name.length() + 2, end);
    }

    String secret(String id) {
        return secrets("GetSecretValue", Map.of("SecretId", id))
                .path("SecretString")
                .asString("");
    }

    void putSecret(String id, String text) {
        secrets(
                "PutSecretValue",
                Map.of(
                        "SecretId",
                        id,
                        "SecretString",
                        text,
                        "ClientRequestToken",
                        UUID.randomUUID().toString()));
    }

    /** As an operator does; LocalStack keeps no schedule, but an operator's rotation really calls the function. */
    void rotate(String id, String functionArn) {
        secrets(
                "RotateSecret",
                Map.of(
                        "SecretId",
                        id,
                        "ClientRequestToken",
                        UUID.randomUUID().toString(),
                        "RotationLambdaARN",
                        functionArn,
                        "RotationRules",
                        Map.of("AutomaticallyAfterDays", 80)));
    }

    private JsonNode secrets(String action, Map<String, Object> request) {
        return json("secretsmanager", "secretsmanager." + action, "application/x-amz-json-1.1", request);
    }

    /** An action of a service that speaks JSON, by the name that its header has. */
    JsonNode json(String service, String target, String contentType, Map<String, Object> request) {
        return JSON.readTree(send(signed(service, "/")
                .header("X-Amz-Target", target)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(request)))));
    }

    /** Makes a topic; its ARN. */
    String topic(String name) {
        return element(query("sns", Map.of("Action", "CreateTopic", "Name", name)), "TopicArn");
    }

    /** Adds to the variables of a function's environment; its ARN. */
    String configure(String function, Map<String, String> variables) {
        String path = "/2015-03-31/functions/" + function + "/configuration";
        ObjectNode now = (ObjectNode) JSON.readTree(send(signed("lambda", path).GET()));
        ObjectNode environment = now.withObject("/Environment/Variables");
        variables.forEach(environment::put);
        ObjectNode change = JSON.createObjectNode();
        change.putObject("Environment").set("Variables", environment);
        send(signed("lambda", path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(change.toString())));
        return now.path("FunctionArn").asString("");
    }

    /** Its container goes with it, which LocalStack would wait for when it ends. */
    void deleteFunction(String name) {
        send(signed("lambda", "/2015-03-31/functions/" + name).DELETE());
    }

    private String query(String service, Map<String, String> parameters) {
        StringBuilder form = new StringBuilder();
        parameters.forEach((name, value) -> form.append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                .append('&'));
        return send(signed(service, "/")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    /** LocalStack takes service and region from the signature, and checks none. */
    private HttpRequest.Builder signed(String service, String path) {
        return HttpRequest.newBuilder(endpoint().resolve(path))
                .timeout(Duration.ofMinutes(5))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=test/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0"
                                .formatted(region(), service));
    }

    private String send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new AssertionError("LocalStack answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Asked to end, LocalStack takes its functions' containers with it; killed, it would leave them. */
    @Override
    public void close() {
        client.close();
        if (functions) {
            DockerClientFactory.instance()
                    .client()
                    .stopContainerCmd(container.getContainerId())
                    .withTimeout(60)
                    .exec();
        }
        container.stop();
    }
}
