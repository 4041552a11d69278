package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * What runs in one task: the engine with its model, and before it, for engines that read a folder, a container that copies
 * the model there. The same task, with another model and one question, is the test of a new model.
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
        Map<String, Secret> values = new LinkedHashMap<>(key());
        Map<String, String> environment = new LinkedHashMap<>(engine.environment());
        if (engine.copiesModel()) {
            ContainerDefinition sync = sync(task, Map.of("MODEL_URI", current()));
            afterwards(container(task, engine(values, environment)), sync);
        } else {
            values.put("AI_DIALOG_MODEL", current());
            environment.putAll(folders());
            environment.putAll(metrics);
            container(task, engine(values, environment));
        }
        return finished(task);
    }

    /** The task that loads a model, asks it one question, and ends with 0 where it answers. */
    TaskDefinition smoke(String id) {
        TaskDefinition task = task(id);
        if (engine.copiesModel()) {
            ContainerDefinition sync = sync(task, Map.of());
            ContainerDefinition server = container(
                    task,
                    engine(key(), engine.environment())
                            .essential(false)
                            .healthCheck(HealthCheck.builder()
                                    .command(List.of("CMD", "python3", "-c", Probe.health(engine)))
                                    .interval(Duration.seconds(10))
                                    // what a large model takes to load, which ECS bounds at 300 seconds
                                    .startPeriod(Duration.seconds(300))
                                    .retries(10)
                                    .build()));
            afterwards(server, sync);
            ContainerDefinition probe = container(
                    task,
                    common(SMOKE)
                            .image(images.engine())
                            .entryPoint(List.of("python3", "-c"))
                            .command(List.of(Probe.chat(engine)))
                            .user(engine.user())
                            .secrets(key()));
            probe.addContainerDependencies(ContainerDependency.builder()
                    .container(server)
                    .condition(ContainerDependencyCondition.HEALTHY)
                    .build());
        } else {
            container(
                    task,
                    common(SMOKE)
                            .image(images.engine())
                            .command(List.of("chat", "--temperature", "0", "--max-tokens", "16", "Say hello."))
                            .environment(folders())
                            .gpuCount(gpus()));
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
        models.letRead(task.getTaskRole(), engine.copiesModel());
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

    private Secret current() {
        return Secret.fromSsmParameter(models.current());
    }

    private Map<String, Secret> key() {
        String variable = engine.keyVariable();
        return variable == null ? Map.of() : Map.of(variable, Secret.fromSecretsManager(secrets.inferenceKey()));
    }

    private static Map<String, String> folders() {
        return Map.of(
                "AI_DIALOG_MODELS_DIR", "/models",
                "AI_DIALOG_CACHE_DIR", "/state/archives",
                "AI_DIALOG_STATE_DIR", "/state");
    }

    private int gpus() {
        return settings.compute() == TierSettings.Compute.GPU ? settings.size().gpus() : 0;
    }

    private ContainerDefinitionOptions.Builder engine(Map<String, Secret> values, Map<String, String> environment) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        if (engine.copiesModel()) {
            all.put("HOME", "/tmp");
        }
        var options = common(ENGINE)
                .image(images.engine())
                .environment(all)
                .secrets(values)
                .gpuCount(gpus())
                .user(engine.user())
                .portMappings(List.of(
                        PortMapping.builder().containerPort(engine.port()).build()))
                .stopTimeout(Duration.seconds(120));
        if (!engine.entryPoint().isEmpty()) {
            options.entryPoint(engine.entryPoint());
        }
        return engine.command().isEmpty() ? options : options.command(engine.command());
    }

    private ContainerDefinition sync(TaskDefinition task, Map<String, Secret> values) {
        return container(
                task,
                common(MODELS)
                        .essential(false)
                        .image(images.sync())
                        .entryPoint(List.of("sh", "-c"))
                        .command(List.of("exec aws s3 sync --no-progress \"$MODEL_URI\" " + EngineProfile.MODEL_FOLDER))
                        .environment(Map.of(
                                "HOME", "/tmp", "AWS_REGION", Stack.of(scope).getRegion()))
                        .secrets(values));
    }

    private static void afterwards(ContainerDefinition container, ContainerDefinition first) {
        container.addContainerDependencies(ContainerDependency.builder()
                .container(first)
                .condition(ContainerDependencyCondition.SUCCESS)
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
                        .readOnly(false)
                        .build())
                .toArray(MountPoint[]::new));
        return container;
    }

    /** A first process that passes signals on and reaps; more shared memory for engines that talk over it between GPUs. */
    private LinuxParameters linux(TaskDefinition task, String name) {
        var linux = LinuxParameters.Builder.create(task, "Linux-" + name).initProcessEnabled(true);
        // Fargate takes no size
        boolean shared = settings.compute() == TierSettings.Compute.GPU && engine.copiesModel();
        return (shared ? linux.sharedMemorySize(1024) : linux).build();
    }
}
