package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;

class ModelRolloutTest {

    private static final Stacks.Built PROD = Stacks.prod();

    @Test
    void aNewModelInTheBucketStartsIt() {
        PROD.template()
                .hasResourceProperties(
                        "AWS::Events::Rule",
                        Map.of(
                                "EventPattern",
                                Match.objectLike(Map.of(
                                        "source",
                                        List.of("aws.s3"),
                                        "detail-type",
                                        List.of("Object Created"),
                                        "detail",
                                        Match.objectLike(Map.of(
                                                "object",
                                                Map.of("key", List.of(Map.of("wildcard", "models/*.gguf"))))))),
                                "Targets",
                                Match.arrayWith(
                                        List.of(Match.objectLike(Map.of("DeadLetterConfig", Match.anyValue()))))));
        Stacks.engine("vllm")
                .template()
                .hasResourceProperties(
                        "AWS::Events::Rule",
                        Map.of(
                                "EventPattern",
                                Match.objectLike(Map.of(
                                        "detail",
                                        Match.objectLike(Map.of(
                                                "object",
                                                Map.of("key", List.of(Map.of("wildcard", "models/*/READY")))))))));
    }

    @Test
    void everyStepIsReachedAndEveryWayEnds() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        Set<String> reached = new HashSet<>();
        Deque<String> open =
                new ArrayDeque<>(List.of(at(definition(PROD), "StartAt").toString()));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (reached.add(name)) {
                next(at(states, name)).forEach(open::push);
            }
        }
        assertThat(reached).isEqualTo(states.keySet());
        assertThat(at(states, "Refused", "Type")).isEqualTo("Fail");
        assertThat(at(states, "WentBack", "Type")).isEqualTo("Fail");
        assertThat(at(states, "TellOfSuccess", "End")).isEqualTo(true);
    }

    @Test
    void onlyAModelThatAnsweredIsDeployedAndNothingIsAFunctionOfOurs() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        assertThat(at(states, "HasTheTestPassed", "Choices").toString())
                .contains("Next=RememberTheOldModel", "StringEquals=STOPPED", "NumericEquals=0", "IsPresent=true");
        assertThat(states.values().stream()
                        .map(state -> ((Map<?, ?>) state).get("Resource"))
                        .filter(Objects::nonNull)
                        .map(resource -> resource.toString().replaceAll("^.*:", ""))
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "runTask",
                        "describeTasks",
                        "stopTask",
                        "getParameter",
                        "putParameter",
                        "updateService",
                        "describeServices",
                        "publish");
    }

    @Test
    void whereTheDeploymentFailsTheOldModelIsNamedAndDeployedAgainAndPeopleAreTold() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        assertThat(at(states, "IsItServed", "Choices").toString())
                .contains("StringEquals=FAILED", "StringEqualsPath=$.deployment.primary[0].Id");
        for (String end : List.of("NameTaken", "Superseded")) {
            assertThat(at(states, end, "Type")).isEqualTo("Fail");
        }
        assertThat(at(states, "NameTheOldModel", "Parameters").toString()).contains("$.old.model");
        assertThat(at(states, "NameTheOldModel", "Next")).isEqualTo("DeployTheOldModel");
        assertThat(at(states, "DeployTheOldModel", "Next")).isEqualTo("TellOfTheWayBack");
        for (String step : List.of("NameTheNewModel", "Deploy", "LookAtTheDeployment")) {
            assertThat(at(states, step, "Catch").toString()).contains("Next=WhoseModelIsNamed");
        }
    }

    @Test
    void whatAnotherExecutionHasNamedIsNotUndone() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        assertThat(at(states, "IsItStillThisOne", "Choices"))
                .isEqualTo(List.of(
                        Map.of("Variable", "$.named.model", "StringEqualsPath", "$.model", "Next", "NameTheOldModel")));
        assertThat(at(states, "IsItStillThisOne", "Default")).isEqualTo("TellOfAnotherModel");
        assertThat(states.entrySet().stream()
                        .filter(state -> next(state.getValue()).contains("NameTheOldModel"))
                        .map(Map.Entry::getKey)
                        .toList())
                .as("nothing else leads to the old name")
                .isEqualTo(List.of("IsItStillThisOne"));
    }

    @Test
    void aDeploymentThatDoesNotEndIsGivenUpWhileThereIsTimeForTheWayBack() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        assertThat(at(states, "IsItServed", "Choices").toString())
                .contains("Variable=$.deploymentLooks, NumericGreaterThan=240, Next=WhoseModelIsNamed");
        assertThat(at(states, "LookAtTheDeployment", "Next")).isEqualTo("CountTheDeploymentsLooks");
        int twentyMinutes = 1200;
        int test = 200 * number(at(states, "WaitForTheTest", "Seconds"));
        int room = 30 + 60 + 120 + 240 + 480;
        int deployment = 240 * number(at(states, "WaitForTheDeployment", "Seconds"));
        assertThat(test + room + deployment).isLessThan(number(at(definition(PROD), "TimeoutSeconds")) - twentyMinutes);
    }

    @Test
    void theNameOfTheModelThatIsServedIsRefusedBeforeAndAfterTheTest() {
        Map<?, ?> states = (Map<?, ?>) at(definition(PROD), "States");
        for (String question : List.of("IsTheNameTaken", "IsItNamedByNow")) {
            assertThat(at(states, question, "Choices"))
                    .isEqualTo(List.of(
                            Map.of("Variable", "$.old.model", "StringEqualsPath", "$.model", "Next", "TellOfTheName")));
        }
        assertThat(at(states, "LookAtTheName", "Next")).isEqualTo("IsTheNameTaken");
        assertThat(at(states, "IsTheNameTaken", "Default")).isEqualTo("StartTheTest");
        assertThat(at(states, "RememberTheOldModel", "Next")).isEqualTo("IsItNamedByNow");
        assertThat(at(states, "IsItNamedByNow", "Default")).isEqualTo("NameTheNewModel");
    }

    @Test
    void anExecutionThatFailsRunsOutOfTimeOrIsStoppedRaisesAnAlarm() {
        assertThat(at(PROD.only("AWS::CloudWatch::Alarm", "AlarmsModelRollout"), "Metrics")
                        .toString())
                .contains("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted");
    }

    private static int number(Object value) {
        return ((Number) value).intValue();
    }

    @Test
    void itsTestIsATaskInTheNetworkThatAsksTheNewModelAQuestion() {
        Map<?, ?> start = (Map<?, ?>) at(definition(PROD), "States", "StartTheTest", "Parameters");
        assertThat(at(start, "NetworkConfiguration").toString())
                .contains("AssignPublicIp=DISABLED", "insideSubnet1", "insideSubnet2");
        assertThat(at(start, "Overrides").toString()).contains("Name=models", "Name=MODEL_URI", "$.model");
        Map<?, ?> smoke = TierTest.container(PROD, "TierSmokeTask", ModelTask.SMOKE);
        assertThat(at(smoke, "Command").toString()).startsWith("[chat, ");
        assertThat(at(smoke, "ReadonlyRootFilesystem")).isEqualTo(true);
    }

    @Test
    void itMayDoWhatItsStepsDoToTheseThingsAlone() {
        String role = "TierRolloutRole";
        assertThat(at(Policies.allowing(PROD, role, "ecs:RunTask"), "Resource").toString())
                .contains("TierSmokeTask");
        assertThat(at(Policies.allowing(PROD, role, "ecs:UpdateService"), "Resource")
                        .toString())
                .contains("TierService")
                .doesNotContain("*");
        assertThat(at(Policies.allowing(PROD, role, "ssm:PutParameter"), "Resource")
                        .toString())
                .contains("TierModelsCurrent");
        assertThat(at(Policies.allowing(PROD, role, "iam:PassRole"), "Condition")
                        .toString())
                .contains("ecs-tasks.amazonaws.com");
        assertThat(at(Policies.allowing(PROD, role, "sns:Publish"), "Resource").toString())
                .contains("NotificationsTopic");
        assertThat(Policies.actions(PROD, role)).noneMatch(action -> action.contains("*"));
        assertThat(at(definition(PROD), "States", "StartTheTest", "Parameters").toString())
                .as("tags would need ecs:TagResource")
                .doesNotContain("Tags");
    }

    private static Map<?, ?> definition(Stacks.Built stack) {
        return Json.read(definition(stack, name -> name));
    }

    /** The definition with a text in the place of each name that it refers to. */
    static String definition(Stacks.Built stack, UnaryOperator<String> named) {
        Object value = at(stack.only("AWS::StepFunctions::StateMachine", "TierRollout"), "DefinitionString");
        StringBuilder text = new StringBuilder();
        for (Object part : (List<?>) ((List<?>) at(value, "Fn::Join")).get(1)) {
            text.append(
                    part instanceof Map<?, ?> reference
                            ? named.apply(reference.values().toString().replaceAll("[\"\\[\\]]", ""))
                            : part);
        }
        return text.toString();
    }

    private static List<String> next(Object state) {
        return Pattern.compile("(?:Next|Default)=(\\w+)")
                .matcher(state.toString())
                .results()
                .map(result -> result.group(1))
                .toList();
    }
}
