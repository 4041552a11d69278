package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class TierTest {

    private static final Stacks.Built PROD = Stacks.prod();
    private static final Stacks.Built DEV = Stacks.dev();

    @Test
    void devRunsOnFargateWithoutAnInstance() {
        DEV.template()
                .hasResourceProperties(
                        "AWS::ECS::TaskDefinition",
                        Map.of(
                                "RequiresCompatibilities", List.of("FARGATE"),
                                "Cpu", "4096",
                                "Memory", "16384",
                                "NetworkMode", "awsvpc"));
        assertThat(at(DEV.only("AWS::ECS::Service", "Tier"), "CapacityProviderStrategy")
                        .toString())
                .contains("CapacityProvider=FARGATE");
        DEV.template().resourceCountIs("AWS::AutoScaling::AutoScalingGroup", 0);
    }

    @Test
    void prodRunsOnInstancesWithGpusThatComeAndGoWithTheTasks() {
        Template template = PROD.template();
        template.hasResourceProperties(
                "AWS::ECS::CapacityProvider",
                Map.of(
                        "AutoScalingGroupProvider",
                        Match.objectLike(Map.of(
                                "ManagedScaling", Match.objectLike(Map.of("Status", "ENABLED")),
                                "ManagedDraining", "ENABLED",
                                "ManagedTerminationProtection", "ENABLED"))));
        template.hasResourceProperties(
                "AWS::AutoScaling::AutoScalingGroup",
                Map.of("MinSize", "0", "MaxSize", "8", "NewInstancesProtectedFromScaleIn", true));
        assertThat(at(PROD.only("AWS::ECS::Service", "Tier"), "CapacityProviderStrategy")
                        .toString())
                .contains("TierGpuCapacity");
        assertThat(at(container(PROD, "TierTask", ModelTask.ENGINE), "ResourceRequirements"))
                .hasToString("[{Type=GPU, Value=1}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"g4dn.xlarge", "g5.2xlarge", "g6.12xlarge"})
    void theInstancesTypeIsASetting(String type) {
        Stacks.with(Map.of(
                        "stage",
                        "prod",
                        "image",
                        Stacks.IMAGE,
                        "model",
                        "s3://my-models/small.gguf",
                        "instanceType",
                        type))
                .template()
                .hasResourceProperties(
                        "AWS::EC2::LaunchTemplate",
                        Map.of("LaunchTemplateData", Match.objectLike(Map.of("InstanceType", type))));
    }

    @Test
    void anInstanceIsAwssImageForGpusEncryptedAndItsCredentialsOutOfAContainersReach() {
        PROD.template()
                .hasResourceProperties(
                        "AWS::EC2::LaunchTemplate",
                        Map.of(
                                "LaunchTemplateData",
                                Match.objectLike(Map.of(
                                        "MetadataOptions",
                                        Match.objectLike(
                                                Map.of("HttpTokens", "required", "HttpPutResponseHopLimit", 1)),
                                        "BlockDeviceMappings",
                                        Match.arrayWith(List.of(Match.objectLike(
                                                Map.of("Ebs", Match.objectLike(Map.of("Encrypted", true))))))))));
        assertThat(at(PROD.template().toJSON(), "Parameters").toString())
                .contains("/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id");
        assertThat(PROD.only("AWS::EC2::LaunchTemplate", "TierGpu").toString()).contains("ECS_AWSVPC_BLOCK_IMDS=true");
    }

    @Test
    void anInstanceTellsHowBusyItsGpuIsUnderOurNamespaceAndNoOther() {
        assertThat(PROD.only("AWS::EC2::LaunchTemplate", "TierGpu").toString())
                .contains("utilization_gpu", "\"namespace\": \"AiDialog\"", "\"Stage\": \"prod\"");
        assertThat(at(Policies.allowing(PROD, "TierGpuRole", "cloudwatch:PutMetricData"), "Condition"))
                .hasToString("{StringEquals={cloudwatch:namespace=AiDialog}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void aNewVersionNeverLeavesFewerThanAllAndGoesBackByItselfWhenItFails(String stage) {
        Map<?, ?> service = (stage.equals("dev") ? DEV : PROD).only("AWS::ECS::Service", "Tier");
        assertThat(at(service, "DeploymentConfiguration", "MinimumHealthyPercent"))
                .hasToString("100");
        assertThat(at(service, "DeploymentConfiguration", "MaximumPercent")).hasToString("200");
        assertThat(at(service, "DeploymentConfiguration", "DeploymentCircuitBreaker"))
                .isEqualTo(Map.of("Enable", true, "Rollback", true));
        assertThat(service.containsKey("DesiredCount"))
                .as("a deployment must not set back what the scaling has set")
                .isFalse();
        assertThat(at(service, "HealthCheckGracePeriodSeconds").toString()).isIn("300", "600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void aTaskIsStartedWhenTheClusterHasItsCapacityAndTheServicesOfAwsAreInTheNetwork(String stage) {
        Template template = (stage.equals("dev") ? DEV : PROD).template();
        List<?> before = (List<?>) at(
                template.findResources("AWS::ECS::Service").values().iterator().next(), "DependsOn");
        assertThat(template.findResources("AWS::ECS::ClusterCapacityProviderAssociations")
                        .keySet())
                .isNotEmpty()
                .isSubsetOf(strings(before));
        assertThat(strings(before))
                .containsAll(template.findResources("AWS::EC2::VPCEndpoint").keySet().stream()
                        .filter(id -> !id.contains("DynamoDb"))
                        .toList());
    }

    private static List<String> strings(List<?> list) {
        return list.stream().map(Object::toString).toList();
    }

    @Test
    void aContainerIsNobodysWithAReadOnlyRootAndCanWriteOnlyWhereItMust() {
        Map<?, ?> engine = container(DEV, "TierTask", ModelTask.ENGINE);
        assertThat(at(engine, "ReadonlyRootFilesystem")).isEqualTo(true);
        assertThat(at(engine, "User")).isEqualTo("10001:10001");
        assertThat(at(engine, "MountPoints"))
                .isEqualTo(List.of(
                        Map.of("ContainerPath", "/models", "ReadOnly", true, "SourceVolume", "models"),
                        Map.of("ContainerPath", "/state", "ReadOnly", false, "SourceVolume", "state"),
                        Map.of("ContainerPath", "/tmp", "ReadOnly", false, "SourceVolume", "tmp")));
        assertThat(at(engine, "PortMappings").toString()).contains("ContainerPort=18789");
        assertThat(at(engine, "StopTimeout")).hasToString("120");
    }

    @Test
    void theModelComesFromS3BeforeTheEngineStarts() {
        Map<?, ?> models = container(DEV, "TierTask", ModelTask.MODELS);
        assertThat(at(models, "Essential")).isEqualTo(false);
        assertThat(at(models, "Command").toString())
                .contains("aws s3 cp --no-progress \"$MODEL_URI\" /models/current.gguf");
        assertThat(at(models, "Secrets").toString()).contains("Name=MODEL_URI", "TierModelsCurrent");
        Map<?, ?> engine = container(DEV, "TierTask", ModelTask.ENGINE);
        assertThat(at(engine, "DependsOn"))
                .isEqualTo(List.of(Map.of("Condition", "SUCCESS", "ContainerName", ModelTask.MODELS)));
        assertThat(at(engine, "Environment").toString())
                .contains("{Name=AI_DIALOG_MODEL, Value=/models/current.gguf}", "{Name=AI_DIALOG_OFFLINE, Value=true}");
    }

    @Test
    void theContainersKeyComesFromItsSecretAndItsSettingsFromTheStacks() {
        Map<?, ?> engine = container(PROD, "TierTask", ModelTask.ENGINE);
        assertThat(at(engine, "Secrets").toString()).contains("Name=API_KEY", "Ref=SecretsInferenceKey");
        assertThat(at(engine, "Environment").toString())
                .contains(
                        "{Name=AI_DIALOG_CLOUDWATCH_METRICS, Value=AiDialog}",
                        "{Name=AI_DIALOG_CLOUDWATCH_STAGE, Value=prod}",
                        "{Name=AI_DIALOG_TLS, Value=true}",
                        "{Name=AI_DIALOG_TRUSTED_PROXY, Value=10.42.0.0/16}",
                        "{Name=AI_DIALOG_MAX_BATCH_SIZE, Value=32}",
                        "{Name=AI_DIALOG_REQUEST_TIMEOUT, Value=896}")
                .doesNotContain("API_KEY,");
    }

    @Test
    void aTaskMayReadModelsAndDoNothingElse() {
        assertThat(Policies.actions(PROD, "TierTaskTaskRole")).containsExactly("s3:GetObject");
        assertThat(at(Policies.allowing(PROD, "TierTaskTaskRole", "s3:GetObject"), "Resource")
                        .toString())
                .contains("/models/*", ":s3:::my-models/small.gguf")
                .doesNotContain("Resource=*");
    }

    @Test
    void modelsAreKeptEncryptedInVersionsAndEachNewOneIsToldOf() {
        PROD.template()
                .hasResourceProperties(
                        "AWS::S3::Bucket",
                        Map.of(
                                "VersioningConfiguration",
                                Map.of("Status", "Enabled"),
                                "BucketEncryption",
                                Match.anyValue(),
                                "PublicAccessBlockConfiguration",
                                Map.of(
                                        "BlockPublicAcls", true,
                                        "BlockPublicPolicy", true,
                                        "IgnorePublicAcls", true,
                                        "RestrictPublicBuckets", true),
                                "NotificationConfiguration",
                                Map.of("EventBridgeConfiguration", Map.of("EventBridgeEnabled", true))));
        PROD.template().hasResource("AWS::S3::Bucket", Map.of("DeletionPolicy", "RetainExceptOnCreate"));
    }

    @Test
    void aLocalFileIsUploadedAsTheFirstModel(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("small.gguf"), "GGUF");
        Stacks.Built stack = Stacks.with(Map.of("image", Stacks.IMAGE, "model", file.toString()));
        assertThat(at(stack.only("AWS::SSM::Parameter", "TierModels"), "Value").toString())
                .contains("s3://", ".gguf");
    }

    @Test
    void ourImageIsBuiltFromTheRepositoryAsDockerReadsItsIgnoreFile(@TempDir Path root) throws IOException {
        Path dockerfile =
                Files.createDirectories(root.resolve("local-gpu-runner")).resolve("Dockerfile");
        Files.writeString(dockerfile, "FROM scratch AS cpu\n");
        Files.createDirectories(root.resolve("local-gpu-runner/target/lib"));
        Files.writeString(root.resolve("local-gpu-runner/target/lib/a.jar"), "jar");
        Files.writeString(root.resolve("local-gpu-runner/target/b.txt"), "not in it");
        Files.writeString(root.resolve("secret.txt"), "not in it");
        Files.writeString(root.resolve(".dockerignore"), "*\n!local-gpu-runner/target/lib\n");
        Stacks.Built stack =
                Stacks.with(Map.of("dockerfile", dockerfile.toString(), "model", "s3://my-models/small.gguf"));
        assertThat(at(container(stack, "TierTask", ModelTask.ENGINE), "Image").toString())
                .contains("cdk-hnb659fds-container-assets");
        try (var files = Files.walk(stack.folder())) {
            List<Path> copied = files.filter(file -> file.endsWith("local-gpu-runner/target/lib/a.jar"))
                    .toList();
            assertThat(copied).isNotEmpty().allSatisfy(file -> {
                Path context = file.resolve("../../../..").normalize();
                assertThat(context.resolve("local-gpu-runner/Dockerfile")).exists();
                assertThat(context.resolve("secret.txt")).doesNotExist();
                assertThat(context.resolve("local-gpu-runner/target/b.txt")).doesNotExist();
            });
        }
    }

    /** A container of the task whose logical id begins so and is no longer than a hash more. */
    static Map<?, ?> container(Stacks.Built stack, String task, String name) {
        return stack.template().findResources("AWS::ECS::TaskDefinition").entrySet().stream()
                .filter(resource -> resource.getKey().matches(task + "[0-9A-F]{8}"))
                .flatMap(resource -> ((List<?>) at(resource.getValue(), "Properties", "ContainerDefinitions")).stream())
                .map(container -> (Map<?, ?>) container)
                .filter(container -> name.equals(at(container, "Name")))
                .findFirst()
                .orElseThrow();
    }
}
