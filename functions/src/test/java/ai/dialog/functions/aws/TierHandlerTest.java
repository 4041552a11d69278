package ai.dialog.functions.aws;

import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.moreThanOrExactly;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.aws.LambdaRig.Answer;
import ai.dialog.functions.remote.FakeUpstream;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.github.tomakehurst.wiremock.WireMockServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deployed functions in front of a load balancer without a target, and the API of Amazon ECS. */
class TierHandlerTest {

    private static final String TARGET = "X-Amz-Target";
    private static final String DESCRIBE = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    private static final String UPDATE = "AmazonEC2ContainerServiceV20141113.UpdateService";
    private static final String NOBODY_WANTED =
            "{\"serviceName\": \"models\", \"desiredCount\": 0, \"runningCount\": 0}";
    private static final String ONE_WANTED = "{\"serviceName\": \"models\", \"desiredCount\": 1, \"runningCount\": 0}";

    @TempDir
    private static Path folder;

    private static final WireMockServer ECS =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
    private static final Map<String, @Nullable String> before = new HashMap<>();

    // Started once: a handler is a Spring application.
    @SuppressWarnings("NullAway.Init")
    private static LambdaRig rig;

    @BeforeAll
    static void start() throws IOException {
        ECS.start();
        Map.of(
                        "TIER_CLUSTER", "ai-dialog-dev",
                        "TIER_SERVICE", "models",
                        "TIER_START_SECONDS", "200",
                        "aws.region", "eu-central-1",
                        "aws.accessKeyId", "id",
                        "aws.secretAccessKey", "s3cret",
                        "aws.endpointUrl", ECS.baseUrl())
                .forEach((name, value) -> before.put(name, System.setProperty(name, value)));
        rig = new LambdaRig(
                folder,
                new FakeUpstream((request, reply) -> reply.whole(
                        503, "text/html", "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>")));
    }

    @BeforeEach
    void nobodyIsWanted() {
        ECS.resetAll();
        ECS.stubFor(post("/")
                .withHeader(TARGET, equalTo(DESCRIBE))
                .willReturn(okJson("{\"services\": [" + NOBODY_WANTED + "]}")));
        ECS.stubFor(
                post("/").withHeader(TARGET, equalTo(UPDATE)).willReturn(okJson("{\"service\": " + ONE_WANTED + "}")));
    }

    @AfterAll
    static void stop() throws IOException {
        rig.close();
        ECS.stop();
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }

    @Test
    void aRequestStartsTheContainersAndSaysHowLongToWait() throws IOException {
        RequestStreamHandler chat = patientChat();
        for (String file : List.of("chat", "chat-stream", "completion")) {
            Answer answer = LambdaRig.call(chat, LambdaRig.event(file).toString(), 60_000);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("content-type")).startsWith("application/json");
            assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("model_starting");
            assertThat(answer.json().at("/error/type").stringValue()).isEqualTo("server_error");
            int wait = Integer.parseInt(answer.header("retry-after"));
            assertThat(wait).isBetween(100, 200);
            assertThat(answer.json().at("/error/message").stringValue()).matches(".* in about \\d+ seconds\\.");
        }
        ECS.verify(
                moreThanOrExactly(1),
                postRequestedFor(urlEqualTo("/"))
                        .withHeader(TARGET, equalTo(UPDATE))
                        .withRequestBody(containing("\"desiredCount\":1")));
    }

    @Test
    void whoIsNotLetInStartsNothing() throws IOException {
        assertThat(LambdaRig.call(rig.chat, LambdaRig.event("chat-no-key")).status())
                .isEqualTo(401);
        assertThat(LambdaRig.call(rig.chat, LambdaRig.event("chat-invalid")).status())
                .isEqualTo(400);
        ECS.verify(0, postRequestedFor(urlEqualTo("/")));
    }

    @Test
    void healthTellsOfItAndStartsNothing() throws IOException {
        Answer health = LambdaRig.call(rig.health, LambdaRig.event("health"));
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json().path("status").stringValue()).isEqualTo("asleep");
        assertThat(health.json().path("detail").stringValue()).contains("about 200 seconds");
        ECS.verify(0, postRequestedFor(urlEqualTo("/")).withHeader(TARGET, equalTo(UPDATE)));
    }

    @Test
    void anOutageOfEcsIsTheOrdinary503() throws IOException {
        ECS.stubFor(post("/").willReturn(serverError()));
        Answer answer = LambdaRig.call(patientChat(), LambdaRig.event("chat").toString(), 60_000);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("service_unavailable");
        assertThat(answer.header("retry-after")).isEqualTo("5");
    }

    /** Loading the SDK takes a busy machine seconds, which are the request's. */
    private static RequestStreamHandler patientChat() {
        return rig.chat(Map.of("REQUEST_TIMEOUT_SECONDS", "60"));
    }
}
