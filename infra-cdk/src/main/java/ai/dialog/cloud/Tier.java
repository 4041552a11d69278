package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.TierSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecs.BaseService;
import software.amazon.awscdk.services.ecs.CapacityProviderStrategy;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerInsights;
import software.amazon.awscdk.services.ecs.DeploymentCircuitBreaker;
import software.amazon.awscdk.services.ecs.Ec2Service;
import software.amazon.awscdk.services.ecs.FargateService;
import software.amazon.awscdk.services.ecs.LoadBalancerTargetOptions;
import software.amazon.awscdk.services.ecs.PropagatedTagSource;
import software.amazon.awscdk.services.ecs.TaskDefinition;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * The containers with the model: one service, whose tasks run on Fargate or on instances with GPUs. A new version starts
 * beside the old one, takes over when it is healthy, and goes back by itself when it is not.
 */
final class Tier extends Construct {

    private final TierSettings settings;
    private final Network network;
    private final EngineProfile engine;
    private final Images images;
    private final ModelStore models;
    private final Cluster cluster;
    private final String capacity;
    private final TaskDefinition serving;
    private final TaskDefinition smoke;
    private final LogGroup logs;
    private final Balancer balancer;
    private final BaseService service;

    Tier(Construct scope, String id, CloudSettings all, Network network, Secrets secrets) {
        super(scope, id);
        this.settings = Objects.requireNonNull(all.tier());
        this.network = network;
        engine = EngineProfile.of(
                settings.engine(),
                settings.size(),
                requestSeconds(all),
                all.network().vpcCidr());
        LogBucket accessLogs = new LogBucket(this, "AccessLogs", all.logRetentionDays());
        models = new ModelStore(this, "Models", all.stage(), settings, accessLogs);
        images = new Images(this, "Images", settings);
        cluster = Cluster.Builder.create(this, "Cluster")
                .vpc(network.vpc())
                .containerInsightsV2(ContainerInsights.ENABLED)
                .enableFargateCapacityProviders(settings.compute() == TierSettings.Compute.CPU)
                .build();
        capacity = settings.compute() == TierSettings.Compute.CPU
                ? "FARGATE"
                : new GpuInstances(this, "Gpu", all.stage(), network, cluster, settings)
                        .provider()
                        .getCapacityProviderName();
        logs = LogGroup.Builder.create(this, "Logs")
                .retention(Retention.ofDays(all.logRetentionDays()))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        ModelTask task = new ModelTask(this, all.stage(), settings, engine, images, models, secrets, logs);
        balancer = new Balancer(
                this,
                "Balancer",
                network,
                all.network(),
                accessLogs,
                new Balancer.Served(
                        engine.port(),
                        engine.tls(),
                        engine.healthPath(),
                        all.functions().chatSeconds()));
        serving = task.serving("Task");
        smoke = task.smoke("SmokeTask");
        service = service(serving);
        // with the cluster come the capacity providers that it may use, which nothing else refers to
        service.getNode().addDependency(cluster);
        service.getNode().addDependency(network.services());
        balancer.targets()
                .addTarget(service.loadBalancerTarget(LoadBalancerTargetOptions.builder()
                        .containerName(ModelTask.ENGINE)
                        .containerPort(engine.port())
                        .build()));
        new TierScaling(this, "Scaling", all.stage(), settings, service, balancer);
    }

    /** How long the container may work on an answer: what the function is given, less what telling its end takes. */
    private static int requestSeconds(CloudSettings all) {
        return Functions.requestSeconds(all.functions());
    }

    private BaseService service(TaskDefinition definition) {
        List<CapacityProviderStrategy> strategy = List.of(CapacityProviderStrategy.builder()
                .capacityProvider(capacity)
                .weight(1)
                .build());
        DeploymentCircuitBreaker breaker =
                DeploymentCircuitBreaker.builder().rollback(true).build();
        Duration grace = Duration.seconds(settings.scaling().startSeconds() + 120);
        // No number of tasks: it is the scaling's, and a deployment must not set it back.
        if (settings.compute() == TierSettings.Compute.CPU) {
            return FargateService.Builder.create(this, "Service")
                    .cluster(cluster)
                    .taskDefinition(definition)
                    .capacityProviderStrategies(strategy)
                    .vpcSubnets(network.inside())
                    .securityGroups(List.of(network.tier()))
                    .assignPublicIp(false)
                    .minHealthyPercent(100)
                    .maxHealthyPercent(200)
                    .circuitBreaker(breaker)
                    .healthCheckGracePeriod(grace)
                    .propagateTags(PropagatedTagSource.SERVICE)
                    .build();
        }
        return Ec2Service.Builder.create(this, "Service")
                .cluster(cluster)
                .taskDefinition(definition)
                .capacityProviderStrategies(strategy)
                .vpcSubnets(network.inside())
                .securityGroups(List.of(network.tier()))
                .minHealthyPercent(100)
                .maxHealthyPercent(200)
                .circuitBreaker(breaker)
                .healthCheckGracePeriod(grace)
                .propagateTags(PropagatedTagSource.SERVICE)
                .build();
    }

    /** For the functions. */
    ModelServer server() {
        return new ModelServer(balancer.url(), engine.model(), this);
    }

    /** Lets a function look at this one service, and start it. */
    void letWake(Role role) {
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("ecs:DescribeServices", "ecs:UpdateService"))
                .resources(List.of(serviceArn()))
                .build());
    }

    /** Lets a function look at this one service. */
    void letLook(Role role) {
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("ecs:DescribeServices"))
                .resources(List.of(serviceArn()))
                .build());
    }

    /** Builds the way of a new model to this tier. */
    ModelRollout rollOut(Notifications notifications, CloudSettings all) {
        return new ModelRollout(this, "Rollout", all.stage(), this, smoke, notifications, all.logRetentionDays());
    }

    /** These, and the roles that start tasks. */
    List<IRole> keyReaders(List<IRole> functions) {
        List<IRole> readers = new ArrayList<>(functions);
        readers.add(serving.obtainExecutionRole());
        readers.add(smoke.obtainExecutionRole());
        return readers;
    }

    String clusterName() {
        return cluster.getClusterName();
    }

    String clusterArn() {
        return cluster.getClusterArn();
    }

    String serviceName() {
        return service.getServiceName();
    }

    /** With the cluster in it, as permissions want it. */
    String serviceArn() {
        return "arn:%s:ecs:%s:%s:service/%s/%s"
                .formatted(
                        Stack.of(this).getPartition(),
                        Stack.of(this).getRegion(),
                        Stack.of(this).getAccount(),
                        cluster.getClusterName(),
                        service.getServiceName());
    }

    int startSeconds() {
        return settings.scaling().startSeconds();
    }

    String logGroupName() {
        return logs.getLogGroupName();
    }

    /** Of the cluster: {@code FARGATE}, or the provider of instances with GPUs. */
    String capacity() {
        return capacity;
    }

    Network network() {
        return network;
    }

    EngineProfile engine() {
        return engine;
    }

    TierSettings settings() {
        return settings;
    }

    ModelStore models() {
        return models;
    }

    Images images() {
        return images;
    }
}
