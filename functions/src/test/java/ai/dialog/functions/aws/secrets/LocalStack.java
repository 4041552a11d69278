package ai.dialog.functions.aws.secrets;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.FunctionConfiguration;
import software.amazon.awssdk.services.lambda.model.Runtime;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** AWS on this machine: LocalStack in a container, with functions of the artefact that is deployed. */
final class LocalStack implements AutoCloseable {

    private static final DockerImageName IMAGE = DockerImageName.parse("localstack/localstack:4.14.0");
    private static final Path ARTEFACT = Path.of("target/functions-lambda.zip");
    private static final StaticCredentialsProvider ANY =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

    private final LocalStackContainer container;

    /** As the service calls it. */
    final SecretsManagerClient client;

    /** As an operator does, who has time: the first call of a service starts it, and a rotation's answer is its end. */
    private final SecretsManagerClient secrets;

    private final LambdaClient lambda;

    LocalStack() {
        requireDocker();
        container = new LocalStackContainer(IMAGE)
                .withServices("secretsmanager", "lambda", "iam", "sts", "logs")
                .withEnv("LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT", "180")
                .withEnv("LAMBDA_REMOVE_CONTAINERS", "1");
        container.start();
        client = client();
        secrets = SecretsManagerClient.builder()
                .endpointOverride(container.getEndpoint())
                .region(Region.of(container.getRegion()))
                .credentialsProvider(ANY)
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(Duration.ofMinutes(3)))
                .build();
        lambda = LambdaClient.builder()
                .endpointOverride(container.getEndpoint())
                .region(Region.of(container.getRegion()))
                .credentialsProvider(ANY)
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(Duration.ofMinutes(3)))
                .build();
    }

    /** The client of the functions, which finds this AWS by the standard settings. */
    private SecretsManagerClient client() {
        System.setProperty("aws.endpointUrl", container.getEndpoint().toString());
        System.setProperty("aws.region", container.getRegion());
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        try {
            return SecretsClient.open();
        } finally {
            List.of("aws.endpointUrl", "aws.region").forEach(System::clearProperty);
        }
    }

    /** From now on no call is answered, as by a network that drops everything. */
    void pause() {
        docker().pauseContainerCmd(container.getContainerId()).exec();
    }

    void goOn() {
        docker().unpauseContainerCmd(container.getContainerId()).exec();
    }

    private static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }

    private static void requireDocker() {
        try {
            if (DockerClientFactory.instance().isDockerAvailable()) {
                return;
            }
        } catch (RuntimeException | LinkageError told) {
            // told below
        }
        throw new AssertionError(
                "This test needs Docker, for LocalStack: install Docker Engine (Debian: apt install docker.io,"
                        + " then start dockerd), so that `docker info` succeeds; it pulls " + IMAGE
                        + " and public.ecr.aws/lambda/java:25");
    }

    String secret(String name, String text) {
        return secrets.createSecret(request -> request.name(name).secretString(text))
                .arn();
    }

    /** Deploys a handler of the artefact and waits until it can be called; its ARN. */
    String function(String name, String handler, Map<String, String> environment) throws IOException {
        var zip = SdkBytes.fromByteArray(Files.readAllBytes(ARTEFACT));
        var made = lambda.createFunction(request -> request.functionName(name)
                .runtime(Runtime.fromValue("java25"))
                .handler("ai.dialog.functions.aws." + handler)
                .code(code -> code.zipFile(zip))
                .role("arn:aws:iam::000000000000:role/any")
                .timeout(180)
                .memorySize(1024)
                .environment(variables -> variables.variables(environment)));
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(name));
        return made.functionArn();
    }

    /** Calls a function with an event; what it answered. */
    String call(String name, String event) {
        var answer = lambda.invoke(request -> request.functionName(name).payload(SdkBytes.fromUtf8String(event)));
        if (answer.functionError() != null) {
            throw new AssertionError(name + " failed: " + answer.payload().asUtf8String());
        }
        return answer.payload().asUtf8String();
    }

    /** Rotates a secret by a function, as an operator or the schedule does. */
    void rotate(String arn, String functionArn) {
        secrets.rotateSecret(request -> request.secretId(arn)
                .rotationLambdaARN(functionArn)
                .rotationRules(rules -> rules.automaticallyAfterDays(80L)));
    }

    String text(String arn) {
        return secrets.getSecretValue(request -> request.secretId(arn)).secretString();
    }

    /** The functions' containers are LocalStack's own: they go with the functions. */
    @Override
    public void close() {
        try {
            for (FunctionConfiguration function : lambda.listFunctions().functions()) {
                lambda.deleteFunction(request -> request.functionName(function.functionName()));
            }
        } finally {
            lambda.close();
            secrets.close();
            client.close();
            // asked to end, LocalStack takes its functions' containers with it; killed, it would leave them
            docker().stopContainerCmd(container.getContainerId())
                    .withTimeout(30)
                    .exec();
            container.stop();
        }
    }
}
