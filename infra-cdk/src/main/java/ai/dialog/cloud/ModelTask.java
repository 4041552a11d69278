package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecs.AwsLogDriverMode;
import software.amazon.awscdk.services.ecs.AwsLogDriverProps;
import software.amazon.awscdk.services.ecs.Compatibility;
import software.amazon.awscdk.services.ecs.ContainerDefinition;
import software.amazon.awscdk.services.ecs.ContainerDefinitionOptions;
import software.amazon.awscdk.services.ecs.ContainerDependency;
import software.amazon.awscdk.services.ecs.ContainerDependencyCondition;
import software.amazon.awscdk.services.ecs.HealthCheck;
import software.amazon.awscdk.services.ecs.LinuxParameters;
import software.amazon.awscdk.services.ecs.LogDriver;
import software.amazon.awscdk.services.ecs.MountPoint;
import software.amazon.awscdk.services.ecs.NetworkMode;
import software.amazon.awscdk.services.ecs.PortMapping;
import software.amazon.awscdk.services.ecs.Secret;
import software.amazon.awscdk.services.ecs.TaskDefinition;
import software.amazon.awscdk.services.ecs.Volume;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * What runs in one task: a container that copies the model from S3 to {@code /models}, and after it the engine, which can only
 * read it. The same task, with another model and one question, is the test of a new model.
 */
final class ModelTask {

    /** The container that answers. */
    static final String ENGINE = "engine";

    /** The container that copies the model. */
    static final String MODELS = "models";

    /** The container of a test whose exit code is the result. */
    static final String SMOKE = "smoke";

    private static final List<String> WRITABLE = List.of("/models", "/state", "/tmp");

    private final Construct scope;
    private final TierSettings settings;
    private final EngineProfile engine;
    private final Images images;
    private final ModelStore models;
    private final Secrets secrets;
    private final LogGroup logs;
    private final Map<String, String> metrics;

    ModelTask(
            Construct scope,
            String stage,
            TierSettings settings,
            EngineProfile engine,
            Images images,
            ModelStore models,
            Secrets secrets,
            LogGroup logs) {
        this.scope = scope;
        this.settings = settings;
        this.engine = engine;
        this.images = images;
        this.models = models;
        this.secrets = secrets;
        this.logs = logs;
        this.metrics = Map.of("AI_DIALOG_CLOUDWATCH_METRICS", Metrics.NAMESPACE, "AI_DIALOG_CLOUDWATCH_STAGE", stage);
    }

    /** The task that the service keeps running. */
    TaskDefinition serving(String id) {
        TaskDefinition task = task(id);
        Map<String, String> environment = new TreeMap<>(engine.environment());
        if (!engine.folder()) {
            environment.putAll(metrics);
        }
        ContainerDefinition copied = copying(task, Map.of("MODEL_URI", Secret.fromSsmParameter(models.current())));
        after(copied, ContainerDependencyCondition.SUCCESS, server(task, environment, true));
        return finished(task);
    }

    /** The task that loads a model, asks it one question, and ends with 0 where it answers. */
    TaskDefinition smoke(String id) {
        TaskDefinition task = task(id);
        ContainerDefinition copied = copying(task, Map.of());
        if (engine.folder()) {
            ContainerDefinition server = server(task, engine.environment(), false);
            after(copied, ContainerDependencyCondition.SUCCESS, server);
            ContainerDefinition probe = container(
                    task,
                    common(SMOKE)
                            .image(images.engine())
                            .entryPoint(List.of("python3", "-c"))
                            .command(List.of(Probe.chat(engine)))
                            .user(engine.user())
                            .secrets(key()));
            after(server, ContainerDependencyCondition.HEALTHY, probe);
        } else {
            ContainerDefinition chat = container(
                    task,
                    common(SMOKE)
                            .image(images.engine())
                            .command(List.of("chat", "--temperature", "0", "--max-tokens", "16", "Say hello."))
                            .environment(new TreeMap<>(
                                    Map.of("AI_DIALOG_MODEL", EngineProfile.MODEL_FILE, "AI_DIALOG_OFFLINE", "true")))
                            .user(engine.user())
                            .gpuCount(gpus()));
            after(copied, ContainerDependencyCondition.SUCCESS, chat);
        }
        return finished(task);
    }

    private TaskDefinition task(String id) {
        boolean gpu = settings.compute() == TierSettings.Compute.GPU;
        TaskDefinition task = TaskDefinition.Builder.create(scope, id)
                .compatibility(gpu ? Compatibility.EC2 : Compatibility.FARGATE)
                .networkMode(NetworkMode.AWS_VPC)
                .cpu(Integer.toString(settings.size().cpuUnits()))
                .memoryMiB(Integer.toString(settings.size().memoryMib()))
                .volumes(WRITABLE.stream()
                        .map(path -> Volume.builder().name(path.substring(1)).build())
                        .toList())
                .build();
        models.letRead(task.getTaskRole(), engine.folder());
        return task;
    }

    private TaskDefinition finished(TaskDefinition task) {
        Answers.answer(
                task, "AwsSolutions-ECS2", "The variables are settings; what is secret comes from Secrets Manager");
        Answers.answerWithin(
                task.obtainExecutionRole(),
                "AwsSolutions-IAM5",
                "ecr:GetAuthorizationToken knows no resource (AWS service authorization reference)",
                List.of("Resource::*"));
        return task;
    }

    private Map<String, Secret> key() {
        String variable = engine.keyVariable();
        return variable == null ? Map.of() : Map.of(variable, Secret.fromSecretsManager(secrets.inferenceKey()));
    }

    private int gpus() {
        return settings.compute() == TierSettings.Compute.GPU ? settings.size().gpus() : 0;
    }

    private ContainerDefinition server(TaskDefinition task, Map<String, String> environment, boolean essential) {
        // sorted: a list in another order would be another task definition, and so another deployment
        Map<String, String> all = new TreeMap<>(environment);
        if (engine.folder()) {
            all.put("HOME", "/tmp");
        }
        List<String> health = new ArrayList<>(List.of("CMD"));
        health.addAll(engine.health());
        var options = common(ENGINE)
                .essential(essential)
                .image(images.engine())
                .environment(all)
                .secrets(key())
                .gpuCount(gpus())
                .user(engine.user())
                .portMappings(List.of(
                        PortMapping.builder().containerPort(engine.port()).build()))
                .healthCheck(HealthCheck.builder()
                        .command(health)
                        .interval(Duration.seconds(30))
                        .timeout(Duration.seconds(10))
                        // with what follows ten minutes for a large model to load; ECS has no longer start period
                        .startPeriod(Duration.seconds(300))
                        .retries(10)
                        .build())
                .stopTimeout(Duration.seconds(120));
        if (!engine.entryPoint().isEmpty()) {
            options.entryPoint(engine.entryPoint());
        }
        return container(task, engine.command().isEmpty() ? options : options.command(engine.command()));
    }

    private ContainerDefinition copying(TaskDefinition task, Map<String, Secret> values) {
        return container(
                task,
                common(MODELS)
                        .essential(false)
                        .image(images.sync())
                        .entryPoint(List.of("sh", "-c"))
                        .command(List.of(engine.copy()))
                        .environment(new TreeMap<>(Map.of(
                                "HOME", "/tmp", "AWS_REGION", Stack.of(scope).getRegion())))
                        .secrets(values));
    }

    private static void after(
            ContainerDefinition first, ContainerDependencyCondition condition, ContainerDefinition container) {
        container.addContainerDependencies(ContainerDependency.builder()
                .container(first)
                .condition(condition)
                .build());
    }

    private ContainerDefinitionOptions.Builder common(String name) {
        return ContainerDefinitionOptions.builder()
                .containerName(name)
                .readonlyRootFilesystem(true)
                .logging(LogDriver.awsLogs(AwsLogDriverProps.builder()
                        .logGroup(logs)
                        .streamPrefix(name)
                        // a log that cannot be written must not hold up an answer
                        .mode(AwsLogDriverMode.NON_BLOCKING)
                        .maxBufferSize(Size.mebibytes(4))
                        .build()));
    }

    private ContainerDefinition container(TaskDefinition task, ContainerDefinitionOptions.Builder options) {
        ContainerDefinitionOptions built = options.build();
        String name = Objects.requireNonNull(built.getContainerName());
        ContainerDefinition container = task.addContainer(
                name, options.linuxParameters(linux(task, name)).build());
        container.addMountPoints(WRITABLE.stream()
                .map(path -> MountPoint.builder()
                        .sourceVolume(path.substring(1))
                        .containerPath(path)
                        .readOnly(path.equals("/models") && !name.equals(MODELS))
                        .build())
                .toArray(MountPoint[]::new));
        return container;
    }

    /** A first process that passes signals on and reaps; more shared memory for engines that talk over it between GPUs. */
    private LinuxParameters linux(TaskDefinition task, String name) {
        var linux = LinuxParameters.Builder.create(task, "Linux-" + name).initProcessEnabled(true);
        // Fargate takes no size
        boolean shared = settings.compute() == TierSettings.Compute.GPU && engine.folder();
        return (shared ? linux.sharedMemorySize(1024) : linux).build();
    }
}
