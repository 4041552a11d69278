package ai.dialog.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.dialog.cloud.e2e.Deployment;
import ai.dialog.cloud.e2e.Deployment.Answer;
import ai.dialog.cloud.settings.CloudSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

/**
 * The stack as {@code cdklocal deploy} makes it in LocalStack, called through its API gateway: the Java functions in Lambda's
 * containers, keys that the deployed rotation made, and the packaged service with a real model behind them.
 */
class DeployedIT {

    private static final Duration A_WHILE = Duration.ofMinutes(4);
    private static final String STAGE = "local";
    private static final String STACK = "ai-dialog-" + STAGE;
    private static final String QUESTION = """
            {"messages": [{"role": "user", "content": "What is the capital of France?"}], "temperature": 0, "max_tokens": 40}""";

    @SuppressWarnings("NullAway.Init")
    private static Deployment deployment;

    @BeforeAll
    static void deploy(@TempDir Path folder) throws IOException, InterruptedException {
        int port = Deployment.freePort();
        deployment = Deployment.of(STACK, assembly(port));
        deployment.serveModel(port, folder);
        deployment.makeKeys(List.of("ann", "bob"));
    }

    @AfterAll
    static void stop() {
        // without Docker there is none, and that is told already
        if (deployment != null) {
            deployment.close();
        }
    }

    /** What LocalStack knows of the stack: no container tier, no table, no alarms. */
    private static Path assembly(int port) throws IOException {
        NodeJs.require();
        Map<String, Object> context = new HashMap<>(Map.of(
                "stage", STAGE,
                "inferenceUrl", "http://%s:%d".formatted(Deployment.host(), port),
                "allowedCidrs", "203.0.113.0/24",
                "callers", "ann,bob",
                "limits", "false",
                "alarms", "false",
                "snapStart", "false",
                "chatMode", "buffered",
                "@aws-cdk/aws-iam:minimizePolicies", true,
                "@aws-cdk/core:enablePartitionLiterals", true));
        Path out = Path.of("target/local.out").toAbsolutePath();
        Files.createDirectories(out);
        App app = new App(
                AppProps.builder().outdir(out.toString()).context(context).build());
        new DialogStack(app, STACK, CloudSettings.from(context::get));
        app.synth();
        return out;
    }

    @Test
    void everythingThatTheTestReliesOnWasReallyMade() {
        assertThat(deployment.resources())
                .filteredOn(
                        resource -> resource.type()
                                .matches(
                                        "AWS::(Lambda::(Function|Alias|Version)|ApiGateway::.*|SecretsManager::Secret|KMS::Key)"))
                .hasSizeGreaterThan(20)
                .allSatisfy(resource -> assertThat(resource.physicalId())
                        .as(resource.logicalId())
                        .isNotEqualTo("unknown"));
    }

    @Test
    void aTokenIsIssuedAndAChatWithItIsAnsweredByTheModel() {
        String token = token(deployment.key("ann"), 3600, "");
        Answer chat = deployment.post("/v1/chat/completions", token, QUESTION);
        assertThat(chat.status()).as(chat.body()).isEqualTo(200);
        assertThat(chat.json().path("object").asString("")).isEqualTo("chat.completion");
        assertThat(chat.json().at("/choices/0/message/content").asString("")).contains("Paris");
        assertThat(chat.json().at("/usage/completion_tokens").asInt(0)).isPositive();
        assertThat(deployment.get("/v1/models", token).json().at("/data/0/id").asString(""))
                .isEqualTo(chat.json().path("model").asString(""));
    }

    @Test
    void healthIsThatOfTheModelServer() {
        Answer health = deployment.get("/health", "");
        assertThat(health.status()).as(health.body()).isEqualTo(200);
        assertThat(health.json().path("status").asString("")).isEqualTo("healthy");
    }

    @Test
    void aTokenThatHasEndedIsRefused() {
        String token = token(deployment.key("ann"), 1, "");
        await().atMost(A_WHILE).pollInterval(Duration.ofSeconds(2)).untilAsserted(() -> {
            Answer answer = deployment.post("/v1/chat/completions", token, QUESTION);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().at("/error/message").asString("")).contains("expired at");
        });
    }

    @Test
    void aTokenIsRefusedOutsideItsRangeByTheFunctionItself() {
        String token = token(deployment.key("ann"), 3600, ", \"cidrs\": [\"203.0.113.0/24\"]");
        Answer answer = deployment.post("/v1/chat/completions", token, QUESTION);
        assertThat(answer.status()).as(answer.body()).isEqualTo(403);
        assertThat(answer.json().at("/error/code").asString("")).isEqualTo("address_not_allowed");
    }

    @Test
    void aRevokedKeyIsRefusedAndItsTokensWithIt() {
        String key = deployment.key("bob");
        String token = token(key, 3600, "");
        assertThat(deployment.get("/v1/models", token).status()).isEqualTo(200);
        deployment.revoke("bob");
        await().atMost(A_WHILE).pollInterval(Duration.ofSeconds(2)).untilAsserted(() -> {
            assertThat(deployment.post("/v1/tokens", key, "{}").status()).isEqualTo(401);
            assertThat(deployment.get("/v1/models", token).status()).isEqualTo(401);
        });
    }

    @Test
    void withoutAKeyNobodyIsAnswered() {
        Answer answer = deployment.post("/v1/chat/completions", "", QUESTION);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().at("/error/code").asString("")).isEqualTo("invalid_api_key");
    }

    /** A function that has just started, or has not seen a new key yet, may refuse for a while. */
    private static String token(String key, int seconds, String more) {
        String[] token = {""};
        await().atMost(A_WHILE).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
            Answer made = deployment.post("/v1/tokens", key, "{\"expires_in\": %d%s}".formatted(seconds, more));
            assertThat(made.status()).as(made.body()).isEqualTo(200);
            token[0] = made.json().path("token").asString("");
        });
        return token[0];
    }
}
