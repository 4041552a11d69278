package ai.dialog.functions.aws.tier;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.http.Fault;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecs.EcsClient;

/** The real client against the wire form of Amazon ECS (AWS JSON 1.1). */
class EcsServiceTest {

    private static final String API = "AmazonEC2ContainerServiceV20141113.";
    private static final String SERVICE = """
            {"serviceName": "models", "status": "ACTIVE", "desiredCount": %d, "runningCount": 0, "pendingCount": 1,
             "deployments": [
               {"id": "ecs-svc/1", "status": "PRIMARY", "desiredCount": 1, "rolloutState": "%s",
                "createdAt": 1772400000.5, "updatedAt": 1772402400.25}],
             "events": [
               {"id": "b", "createdAt": 1772402430.0, "message": "(service models) has started 1 tasks: (task 1)."},
               {"id": "a", "createdAt": 1772402000.0, "message": "(service models) has reached a steady state."}]}""";

    private final WireMockServer ecs =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    @SuppressWarnings("NullAway.Init")
    private EcsService service;

    @BeforeEach
    void start() {
        ecs.start();
        service = new EcsService(
                new TierSettings("ai-dialog-dev", "models", Duration.ofMinutes(4)),
                EcsClient.builder()
                        .region(Region.EU_CENTRAL_1)
                        .endpointOverride(URI.create(ecs.baseUrl()))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "s3cret-key"))),
                // the first call loads the SDK, which takes a busy machine seconds
                Duration.ofSeconds(60));
    }

    @AfterEach
    void stop() {
        service.close();
        ecs.stop();
    }

    @Test
    void aDescriptionIsReadAsEcsSendsIt() {
        answer(
                "DescribeServices",
                200,
                "{\"services\": [" + SERVICE.formatted(1, "IN_PROGRESS") + "], \"failures\": []}");
        var seen = service.describe();
        assertThat(seen.desired()).isEqualTo(1);
        assertThat(seen.running()).isZero();
        assertThat(seen.failed()).isFalse();
        assertThat(seen.updated()).isEqualTo(Instant.parse("2026-03-01T22:00:00.250Z"));
        assertThat(seen.events())
                .extracting(Snapshot.Event::at)
                .containsExactly(Instant.parse("2026-03-01T22:00:30Z"), Instant.parse("2026-03-01T21:53:20Z"));
        assertThat(StartHistory.of(seen).begun()).isEqualTo(Instant.parse("2026-03-01T22:00:30Z"));
        ecs.verify(postRequestedFor(urlEqualTo("/"))
                .withHeader("X-Amz-Target", equalTo(API + "DescribeServices"))
                .withRequestBody(equalToJson("{\"cluster\": \"ai-dialog-dev\", \"services\": [\"models\"]}")));
    }

    @Test
    void aStartSetsTheDesiredCountAndNothingElse() {
        answer("UpdateService", 200, "{\"service\": " + SERVICE.formatted(1, "COMPLETED") + "}");
        assertThat(service.startOne().desired()).isEqualTo(1);
        ecs.verify(postRequestedFor(urlEqualTo("/"))
                .withHeader("X-Amz-Target", equalTo(API + "UpdateService"))
                .withRequestBody(
                        equalToJson("{\"cluster\": \"ai-dialog-dev\", \"service\": \"models\", \"desiredCount\": 1}")));
    }

    @Test
    void aDeploymentThatWasGivenUpIsSeen() {
        answer("DescribeServices", 200, "{\"services\": [" + SERVICE.formatted(1, "FAILED") + "]}");
        assertThat(service.describe().failed()).isTrue();
    }

    @Test
    void aServiceThatLeavesEverythingOutIsOneOfNothing() {
        answer("DescribeServices", 200, "{\"services\": [{\"serviceName\": \"models\"}]}");
        assertThat(service.describe()).isEqualTo(new Snapshot(0, 0, Instant.EPOCH, false, List.of()));
    }

    @Test
    void aServiceThatIsNotThereIsAnError() {
        answer(
                "DescribeServices",
                200,
                "{\"services\": [], \"failures\": [{\"arn\": \"arn:aws:ecs:x\", \"reason\": \"MISSING\"}]}");
        assertThatThrownBy(service::describe).hasMessageContaining("TIER_SERVICE");
    }

    @Test
    void aRefusalIsAnErrorOfOneAttemptThatNamesNoSecret() {
        answer(
                "UpdateService",
                400,
                "{\"__type\": \"AccessDeniedException\", \"message\": \"not authorized to perform: ecs:UpdateService\"}");
        assertThatThrownBy(service::startOne)
                .hasMessageContaining("not authorized")
                .extracting(Throwable::toString)
                .asString()
                .doesNotContain("s3cret-key");
        ecs.verify(1, postRequestedFor(urlEqualTo("/")));
    }

    @Test
    void aThrottledOrBrokenCallIsNotRepeated() {
        answer("DescribeServices", 400, "{\"__type\": \"ThrottlingException\", \"message\": \"Rate exceeded\"}");
        assertThatThrownBy(service::describe).hasMessageContaining("Rate exceeded");
        ecs.verify(1, postRequestedFor(urlEqualTo("/")));
        ecs.stubFor(post("/").willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
        assertThatThrownBy(service::startOne).isInstanceOf(RuntimeException.class);
        ecs.verify(2, postRequestedFor(urlEqualTo("/")));
    }

    private void answer(String operation, int status, String body) {
        ecs.stubFor(post("/")
                .withHeader("X-Amz-Target", equalTo(API + operation))
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("Content-Type", "application/x-amz-json-1.1")
                        .withBody(body)));
    }
}
