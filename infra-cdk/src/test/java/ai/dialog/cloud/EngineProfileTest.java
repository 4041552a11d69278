package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static ai.dialog.cloud.TierTest.container;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.assertions.Match;

/** Another engine is one value of the context: each with its own port, health path, command and key. */
class EngineProfileTest {

    @ParameterizedTest
    @CsvSource({"vllm, 8000, /health", "sglang, 30000, /health", "djl, 8080, /ping"})
    void theLoadBalancerAsksItOnItsPortForItsHealth(String engine, int port, String health) {
        Stacks.Built stack = Stacks.engine(engine);
        stack.template()
                .hasResourceProperties(
                        "AWS::ElasticLoadBalancingV2::TargetGroup",
                        Map.of("Port", port, "Protocol", "HTTP", "HealthCheckPath", health));
        Map<?, ?> container = container(stack, "TierTask", ModelTask.ENGINE);
        assertThat(at(container, "PortMappings").toString()).contains("ContainerPort=" + port);
        assertThat(at(container, "HealthCheck", "Command").toString()).contains("127.0.0.1:" + port + health);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void itsModelIsAFolderThatIsCopiedBeforeItStarts(String engine) {
        Stacks.Built stack = Stacks.engine(engine);
        assertThat(at(container(stack, "TierTask", ModelTask.MODELS), "Command").toString())
                .contains("aws s3 sync --no-progress \"$MODEL_URI\" /models/current");
        assertThat(at(container(stack, "TierTask", ModelTask.ENGINE), "DependsOn"))
                .isEqualTo(List.of(Map.of("Condition", "SUCCESS", "ContainerName", ModelTask.MODELS)));
        assertThat(Policies.actions(stack, "TierTaskTaskRole")).containsExactly("s3:GetObject", "s3:ListBucket");
        assertThat(at(Policies.allowing(stack, "TierTaskTaskRole", "s3:GetObject"), "Resource")
                        .toString())
                .contains(":s3:::my-models/llama/*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void itHasItsGpusAReadOnlyRootAndIsNotRoot(String engine) {
        Map<?, ?> container = container(Stacks.engine(engine), "TierTask", ModelTask.ENGINE);
        assertThat(at(container, "ResourceRequirements")).hasToString("[{Type=GPU, Value=2}]");
        assertThat(at(container, "ReadonlyRootFilesystem")).isEqualTo(true);
        assertThat(at(container, "User")).isEqualTo("1000:1000");
        assertThat(at(container, "LinuxParameters", "SharedMemorySize")).hasToString("1024");
    }

    @Test
    void vllmIsToldItsModelItsNameAndItsBatch() {
        Map<?, ?> container = container(Stacks.engine("vllm"), "TierTask", ModelTask.ENGINE);
        assertThat(at(container, "EntryPoint"))
                .isEqualTo(List.of("python3", "-m", "vllm.entrypoints.openai.api_server"));
        assertThat(at(container, "Command").toString())
                .contains(
                        "--model, /models/current",
                        "--served-model-name, default",
                        "--max-num-seqs, 32",
                        "--tensor-parallel-size, 2");
        assertThat(at(container, "Secrets").toString()).contains("Name=VLLM_API_KEY", "Ref=SecretsInferenceKey");
    }

    @Test
    void sglangTakesItsKeyFromTheEnvironmentThroughAShell() {
        Map<?, ?> container = container(Stacks.engine("sglang"), "TierTask", ModelTask.ENGINE);
        assertThat(at(container, "Command").toString())
                .contains("sglang.launch_server --model-path /models/current", "--tp-size 2", "--api-key \"$API_KEY\"");
        assertThat(at(container, "Secrets").toString()).contains("Name=API_KEY", "Ref=SecretsInferenceKey");
    }

    @Test
    void djlServingIsToldByVariablesAndKnowsNoKey() {
        Map<?, ?> container = container(Stacks.engine("djl"), "TierTask", ModelTask.ENGINE);
        assertThat(at(container, "Environment").toString())
                .contains("{Name=HF_MODEL_ID, Value=/models/current}", "{Name=OPTION_TENSOR_PARALLEL_DEGREE, Value=2}");
        assertThat(container.containsKey("Secrets")).isFalse();
        assertThat(container.containsKey("EntryPoint")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void theFunctionsCallItsModelDefaultAndTasksFollowTheCalls(String engine) {
        Stacks.Built stack = Stacks.engine(engine);
        assertThat(stack.only("AWS::Lambda::Function", "FunctionsChat").toString())
                .contains("INFERENCE_MODEL=default");
        stack.template()
                .hasResourceProperties(
                        "AWS::ApplicationAutoScaling::ScalingPolicy",
                        Map.of(
                                "TargetTrackingScalingPolicyConfiguration",
                                Match.objectLike(Map.of(
                                        "TargetValue",
                                        60,
                                        "PredefinedMetricSpecification",
                                        Match.objectLike(
                                                Map.of("PredefinedMetricType", "ALBRequestCountPerTarget"))))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm", "sglang", "djl"})
    void aTestOfItsModelAsksItAQuestionFromBesideIt(String engine) {
        Stacks.Built stack = Stacks.engine(engine);
        Map<?, ?> probe = container(stack, "TierSmokeTask", ModelTask.SMOKE);
        assertThat(at(probe, "Command").toString()).contains("/v1/chat/completions", "assert");
        assertThat(at(probe, "DependsOn"))
                .isEqualTo(List.of(Map.of("Condition", "HEALTHY", "ContainerName", ModelTask.ENGINE)));
        assertThat(at(container(stack, "TierSmokeTask", ModelTask.ENGINE), "Essential"))
                .isEqualTo(false);
    }
}
