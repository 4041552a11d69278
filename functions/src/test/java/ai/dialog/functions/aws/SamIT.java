package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.remote.FakeUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The packages that are deployed, in the containers that Lambda's runtimes are, called by the SAM command line. */
class SamIT {

    /** The first call of each function starts a container. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private static FakeUpstream model;

    @SuppressWarnings("NullAway.Init")
    private static SamCli sam;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        model = new FakeUpstream(SamCli.host(), EventFilesTest::model);
        sam = new SamCli(model.uri().toString());
    }

    @AfterAll
    static void stop() throws IOException {
        // without Docker there is none, and that is told already
        if (model != null) {
            model.close();
        }
    }

    @Test
    void everyEventHasTheAnswerThatIsExpectedOfIt() throws IOException, InterruptedException {
        try (SamCli.Served lambda = sam.serve("start-lambda")) {
            for (ExpectedAnswer expected : ExpectedAnswer.all()) {
                String event = Files.readString(Path.of("../events", expected.event() + ".json"));
                var answer =
                        post(lambda.port(), "/2015-03-31/functions/" + expected.function() + "/invocations", event);
                assertThat(answer.statusCode())
                        .as(expected + ": " + answer.body())
                        .isEqualTo(200);
                check(expected, answer.body());
            }
        }
    }

    @Test
    void invokeCallsOneFunctionWithOneEvent() throws IOException, InterruptedException {
        for (ExpectedAnswer expected : ExpectedAnswer.all()) {
            if (expected.event().equals("chat-stream")) {
                check(expected, sam.invoke(expected.function(), expected.event()));
            }
        }
    }

    @Test
    void aChatGoesThroughTheLocalGateway() throws IOException, InterruptedException {
        try (SamCli.Served api = sam.serve("start-api")) {
            var answer = post(api.port(), "/v1/chat/completions", """
                    {"messages": [{"role": "user", "content": "What is the capital of France?"}]}""");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(JsonMapper.shared()
                            .readTree(answer.body())
                            .at("/choices/0/message/content")
                            .asString(""))
                    .startsWith("Paris");
        }
    }

    private static HttpResponse<String> post(int port, String path, String body)
            throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + LambdaRig.KEY)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private static void check(ExpectedAnswer expected, String answer) {
        int end = answer.indexOf("\0\0\0\0\0\0\0\0");
        expected.check(end < 0 ? JsonMapper.shared().readTree(answer) : joined(answer, end));
    }

    /** What a runtime streams begins with a head as JSON and eight zeros; then the body comes as it is. */
    private static JsonNode joined(String answer, int end) {
        ObjectNode response = (ObjectNode) JsonMapper.shared().readTree(answer.substring(0, end));
        return response.put("body", answer.substring(end + 8));
    }
}
