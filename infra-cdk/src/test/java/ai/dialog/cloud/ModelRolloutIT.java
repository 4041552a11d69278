package ai.dialog.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.cloud.e2e.RolloutRig;
import ai.dialog.cloud.e2e.RolloutRig.Answer;
import ai.dialog.cloud.e2e.RolloutRig.Answer.Given;
import ai.dialog.cloud.e2e.RolloutRig.Answer.Refused;
import ai.dialog.cloud.e2e.RolloutRig.Ended;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The synthesized state machine of a new model, run in LocalStack: what it does, whom it tells, and how it goes back. */
class ModelRolloutIT {

    private static final String OTHER = "s3://models/models/other.gguf";
    private static final Given STARTED = new Given(
            "{\"Tasks\": [{\"TaskArn\": \"arn:aws:ecs:eu-central-1:000000000000:task/c/1\"}], \"Failures\": []}");
    private static final Given NO_ROOM = new Given("{\"Tasks\": [], \"Failures\": [{\"Reason\": \"RESOURCE:GPU\"}]}");
    private static final List<Answer> PASSED = List.of(look("RUNNING", ""), look("STOPPED", ", \"ExitCode\": 0"));
    private static final Given UPDATED = new Given("{\"Service\": {\"Deployments\": [" + deployment("new", "") + "]}}");
    private static final Given UNDER_WAY = services("new", "IN_PROGRESS");

    private static final Map<String, Map<String, List<Answer>>> WAYS = Map.of(
            "success", deployed(UNDER_WAY, services("new", "COMPLETED")),
            "no-task", Map.of("StartTheTest", List.of(NO_ROOM)),
            "test-fails", tested(look("STOPPED", ", \"ExitCode\": 1")),
            "never-ran", tested(look("STOPPED", "")),
            "deployment-fails", deployed(UNDER_WAY, services("new", "FAILED")),
            "ecs-goes-back", deployed(UNDER_WAY, services("old", "IN_PROGRESS")),
            "update-refused",
                    Map.of(
                            "StartTheTest", List.of(STARTED),
                            "LookAtTheTest", PASSED,
                            "Deploy", List.of(new Refused("Ecs.ServiceNotActiveException")),
                            "DeployTheOldModel", List.of(UPDATED)),
            "never-ends", deployed(UNDER_WAY, UNDER_WAY, UNDER_WAY),
            "name-taken", Map.of("LookAtTheName", List.of(named(RolloutRig.NEW))),
            "superseded",
                    Map.of(
                            "StartTheTest", List.of(STARTED),
                            "LookAtTheTest", PASSED,
                            "Deploy", List.of(UPDATED),
                            "LookAtTheDeployment", List.of(services("other", "IN_PROGRESS")),
                            "WhoseModelIsNamed", List.of(named(OTHER))));

    private static final List<String> NAME = List.of("NameTheModel", "LookAtTheName", "IsTheNameTaken");
    private static final List<String> START = path(List.of(NAME, List.of("StartTheTest", "WasATaskStarted")));
    private static final List<String> LOOK =
            List.of("WaitForTheTest", "LookAtTheTest", "CountTheLooks", "HasTheTestPassed");
    private static final List<String> DEPLOY =
            List.of("RememberTheOldModel", "IsItNamedByNow", "NameTheNewModel", "Deploy");
    private static final List<String> SERVED =
            List.of("WaitForTheDeployment", "LookAtTheDeployment", "CountTheDeploymentsLooks", "IsItServed");
    private static final List<String> REFUSED = List.of("TellOfTheTest", "Refused");
    private static final List<String> WHOSE = List.of("WhoseModelIsNamed", "IsItStillThisOne");
    private static final List<String> BACK =
            List.of("NameTheOldModel", "DeployTheOldModel", "TellOfTheWayBack", "WentBack");

    /** At a deployment, before it is given up: fewer than 240, which would take minutes. */
    private static final int LOOKS = 3;

    @SuppressWarnings("NullAway.Init")
    private static RolloutRig rig;

    @BeforeAll
    static void start() {
        Stacks.Built stack = Stacks.dev();
        rig = new RolloutRig(
                WAYS,
                (topic, parameter) -> ModelRolloutTest.definition(stack, name -> {
                            if (name.startsWith("NotificationsTopic")) {
                                return topic;
                            }
                            if (name.startsWith("TierModelsCurrent")) {
                                return parameter;
                            }
                            return name.equals("AWS::Partition") ? "aws" : name;
                        })
                        // nothing but time passes while it waits
                        .replaceAll("\"Seconds\": *\\d+", "\"Seconds\": 1")
                        .replace("\"NumericGreaterThan\": 240", "\"NumericGreaterThan\": " + (LOOKS - 1)));
    }

    @AfterAll
    static void stop() {
        // without Docker there is none, and that is told already
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void aModelThatPassesIsNamedDeployedAndTold() {
        Ended ended = rig.ended("success");
        assertThat(ended.status()).isEqualTo("SUCCEEDED");
        assertThat(ended.path())
                .isEqualTo(path(List.of(START, LOOK, LOOK, DEPLOY, SERVED, SERVED, List.of("TellOfSuccess"))));
        assertThat(ended.inputs("StartTheTest").getFirst().toString())
                .contains("{\"Name\":\"MODEL_URI\",\"Value\":\"" + RolloutRig.NEW + "\"}");
        assertThat(ended.inputs("Deploy").getFirst().path("ForceNewDeployment").asBoolean(false))
                .isTrue();
        assertThat(ended.served()).isEqualTo(RolloutRig.NEW);
        assertTold(ended, "TellOfSuccess", "a new model is served", RolloutRig.NEW + " is served.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-task", "test-fails", "never-ran"})
    void aModelThatDoesNotPassChangesNothingAndIsTold(String way) {
        Ended ended = rig.ended(way);
        assertThat(ended.status()).isEqualTo("FAILED");
        assertThat(ended.error()).isEqualTo("TestNotPassed");
        assertThat(ended.path())
                .isEqualTo(way.equals("no-task") ? path(List.of(START, REFUSED)) : path(List.of(START, LOOK, REFUSED)));
        assertThat(ended.served()).isEqualTo(RolloutRig.OLD);
        assertTold(ended, "TellOfTheTest", "a model did not pass", "models/new.gguf did not pass its test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deployment-fails", "ecs-goes-back", "update-refused"})
    void whereItCannotBeDeployedTheOldModelIsNamedAndDeployedAgainAndTold(String way) {
        Ended ended = rig.ended(way);
        assertThat(ended.status()).isEqualTo("FAILED");
        assertThat(ended.error()).isEqualTo("DeploymentFailed");
        assertThat(ended.path())
                .isEqualTo(
                        way.equals("update-refused")
                                ? path(List.of(START, LOOK, LOOK, DEPLOY, WHOSE, BACK))
                                : path(List.of(START, LOOK, LOOK, DEPLOY, SERVED, SERVED, WHOSE, BACK)));
        assertThat(ended.inputs("NameTheNewModel").getFirst().path("Value").stringValue())
                .isEqualTo(RolloutRig.NEW);
        assertThat(ended.inputs("NameTheOldModel").getFirst().path("Value").stringValue())
                .isEqualTo(RolloutRig.OLD);
        assertThat(ended.inputs("DeployTheOldModel")).isEqualTo(ended.inputs("Deploy"));
        assertThat(ended.served()).isEqualTo(RolloutRig.OLD);
        assertTold(ended, "TellOfTheWayBack", "back to the old model", RolloutRig.OLD + " is served again.");
    }

    @Test
    void aDeploymentThatNeverEndsIsGivenUpAndTheOldModelServedAgain() {
        Ended ended = rig.ended("never-ends");
        assertThat(ended.error()).isEqualTo("DeploymentFailed");
        assertThat(ended.path())
                .isEqualTo(path(List.of(START, LOOK, LOOK, DEPLOY, SERVED, SERVED, SERVED, WHOSE, BACK)));
        assertThat(ended.served()).isEqualTo(RolloutRig.OLD);
        assertTold(ended, "TellOfTheWayBack", "back to the old model", RolloutRig.OLD + " is served again.");
    }

    @Test
    void theNameOfTheServedModelIsRefusedBeforeAnythingIsStarted() {
        Ended ended = rig.ended("name-taken");
        assertThat(ended.error()).isEqualTo("NameTaken");
        assertThat(ended.path()).isEqualTo(path(List.of(NAME, List.of("TellOfTheName", "NameTaken"))));
        assertTold(ended, "TellOfTheName", "a model's name is taken", "models/new.gguf is the name of the model that");
    }

    @Test
    void aNameThatAnotherExecutionHasSetIsLeftAsItIs() {
        Ended ended = rig.ended("superseded");
        assertThat(ended.error()).isEqualTo("Superseded");
        assertThat(ended.path())
                .isEqualTo(path(List.of(
                        START, LOOK, LOOK, DEPLOY, SERVED, WHOSE, List.of("TellOfAnotherModel", "Superseded"))));
        assertThat(ended.inputs("NameTheOldModel")).isEmpty();
        assertTold(ended, "TellOfAnotherModel", "a model was not deployed", OTHER + ", which was left as it is.");
    }

    private static void assertTold(Ended ended, String step, String subject, String message) {
        assertThat(ended.inputs(step)).singleElement().satisfies(told -> {
            assertThat(told.path("TopicArn").stringValue()).startsWith("arn:aws:sns:");
            assertThat(told.path("Subject").stringValue()).isEqualTo("AI dialog service dev: " + subject);
            assertThat(told.path("Message").stringValue()).contains(message);
        });
    }

    private static List<String> path(List<List<String>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }

    private static Map<String, List<Answer>> tested(Answer look) {
        return Map.of("StartTheTest", List.of(STARTED), "LookAtTheTest", List.of(look));
    }

    private static Map<String, List<Answer>> deployed(Answer... looks) {
        return Map.of(
                "StartTheTest", List.of(STARTED),
                "LookAtTheTest", PASSED,
                "Deploy", List.of(UPDATED),
                "LookAtTheDeployment", List.of(looks),
                "DeployTheOldModel", List.of(UPDATED));
    }

    private static Given named(String model) {
        return new Given("{\"Parameter\": {\"Value\": \"" + model + "\"}}");
    }

    private static Given look(String status, String exit) {
        return new Given(
                "{\"Tasks\": [{\"LastStatus\": \"%s\", \"Containers\": [{\"Name\": \"models\", \"ExitCode\": 0}, {\"Name\": \"%s\"%s}]}]}"
                        .formatted(status, ModelTask.SMOKE, exit));
    }

    private static Given services(String primary, String state) {
        return new Given("{\"Services\": [{\"Deployments\": [%s, {\"Id\": \"ecs-svc/old\", \"Status\": \"ACTIVE\"}]}]}"
                .formatted(deployment(primary, ", \"RolloutState\": \"" + state + "\"")));
    }

    private static String deployment(String id, String more) {
        return "{\"Id\": \"ecs-svc/%s\", \"Status\": \"PRIMARY\"%s}".formatted(id, more);
    }
}
