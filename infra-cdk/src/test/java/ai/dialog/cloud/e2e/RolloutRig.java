package ai.dialog.cloud.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * LocalStack's Step Functions with a state machine for each way that a rollout can go. ECS, which LocalStack does not have,
 * answers what the test says; the parameter and the topic are LocalStack's own.
 */
public final class RolloutRig implements AutoCloseable {

    /** What is served before; each way has a parameter of its own with it. */
    public static final String OLD = "s3://models/models/old.gguf";

    public static final String NEW = "s3://models/models/new.gguf";

    private static final Duration A_WHILE = Duration.ofMinutes(4);
    private static final String MACHINE = "rollout-";
    /** Step Functions' JSON protocol, and SSM's. */
    private static final String JSON_1_0 = "application/x-amz-json-1.0";

    private static final String JSON_1_1 = "application/x-amz-json-1.1";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final LocalAws aws;
    private final Map<String, String> executions = new HashMap<>();

    /**
     * Starts every way at once.
     *
     * @param ways by name, what the steps that ask ECS are answered: each step's answers in their order
     * @param definition the state machine for the names of a topic and of a parameter
     */
    public RolloutRig(Map<String, Map<String, List<Answer>>> ways, BinaryOperator<String> definition) {
        aws = new LocalAws(mocked(ways));
        ways.keySet().forEach(way -> executions.put(way, start(way, definition)));
    }

    /** What ECS answers once: an object, or an error. */
    public sealed interface Answer {
        /** JSON. */
        record Given(String json) implements Answer {}

        /** An error's name. */
        record Refused(String error) implements Answer {}
    }

    /** A call of a step. */
    public record Call(String step, JsonNode input) {}

    /**
     * How a way ended.
     *
     * @param error empty where it succeeded
     * @param path the states in the order in which they were entered
     * @param calls what services were asked
     * @param served the parameter's value afterwards
     */
    public record Ended(String status, String error, List<String> path, List<Call> calls, String served) {

        /** The inputs of a step. */
        public List<JsonNode> inputs(String step) {
            return calls.stream()
                    .filter(call -> call.step().equals(step))
                    .map(Call::input)
                    .toList();
        }
    }

    private static String mocked(Map<String, Map<String, List<Answer>>> ways) {
        ObjectNode config = JSON.createObjectNode();
        ways.forEach((way, steps) -> steps.forEach((step, answers) -> {
            String name = way + step;
            config.withObject("/StateMachines")
                    .withObject(MACHINE + way)
                    .withObject("TestCases")
                    .withObject(way)
                    .put(step, name);
            ObjectNode responses = config.withObject("/MockedResponses").withObject(name);
            for (int i = 0; i < answers.size(); i++) {
                ObjectNode response = responses.withObject(Integer.toString(i));
                switch (answers.get(i)) {
                    case Answer.Given given -> response.set("Return", JSON.readTree(given.json()));
                    case Answer.Refused refused ->
                        response.withObject("Throw")
                                .put("Error", refused.error())
                                .put("Cause", "told by the test");
                }
            }
        }));
        return config.toString();
    }

    private String start(String way, BinaryOperator<String> definition) {
        String parameter = "/ai-dialog/" + way + "/model";
        aws.json("ssm", "AmazonSSM.PutParameter", JSON_1_1, Map.of("Name", parameter, "Value", OLD, "Type", "String"));
        String machine = steps(
                        "CreateStateMachine",
                        Map.of(
                                "name",
                                MACHINE + way,
                                "definition",
                                definition.apply(aws.topic(MACHINE + way), parameter),
                                "roleArn",
                                "arn:aws:iam::000000000000:role/rollout"))
                .path("stateMachineArn")
                .stringValue();
        return steps("StartExecution", Map.of("stateMachineArn", machine + "#" + way, "input", """
                        {"detail": {"bucket": {"name": "models"}, "object": {"key": "models/new.gguf"}}}"""))
                .path("executionArn")
                .stringValue();
    }

    /** Waits for the end of a way. */
    public Ended ended(String way) {
        Map<String, Object> execution = Map.of("executionArn", executions.get(way));
        await().atMost(A_WHILE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(steps("DescribeExecution", execution)
                                .path("status")
                                .stringValue())
                        .isNotEqualTo("RUNNING"));
        JsonNode now = steps("DescribeExecution", execution);
        List<String> path = new ArrayList<>();
        List<Call> calls = new ArrayList<>();
        Map<String, Object> asked = new HashMap<>(execution);
        // more than the longest way has
        asked.put("maxResults", 1000);
        for (JsonNode event : steps("GetExecutionHistory", asked).path("events")) {
            if (event.has("stateEnteredEventDetails")) {
                path.add(event.at("/stateEnteredEventDetails/name").stringValue());
            } else if (event.path("type").stringValue().equals("TaskScheduled")) {
                calls.add(new Call(
                        path.getLast(),
                        JSON.readTree(event.at("/taskScheduledEventDetails/parameters")
                                .stringValue())));
            }
        }
        return new Ended(
                now.path("status").stringValue(),
                now.path("error").asString(""),
                path,
                calls,
                aws.json("ssm", "AmazonSSM.GetParameter", JSON_1_1, Map.of("Name", "/ai-dialog/" + way + "/model"))
                        .at("/Parameter/Value")
                        .stringValue());
    }

    private JsonNode steps(String action, Map<String, Object> request) {
        return aws.json("states", "AWSStepFunctions." + action, JSON_1_0, request);
    }

    @Override
    public void close() {
        aws.close();
    }
}
