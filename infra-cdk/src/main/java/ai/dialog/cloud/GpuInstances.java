package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.autoscaling.AutoScalingGroup;
import software.amazon.awscdk.services.ec2.BlockDevice;
import software.amazon.awscdk.services.ec2.BlockDeviceVolume;
import software.amazon.awscdk.services.ec2.EbsDeviceOptions;
import software.amazon.awscdk.services.ec2.EbsDeviceVolumeType;
import software.amazon.awscdk.services.ec2.InstanceType;
import software.amazon.awscdk.services.ec2.LaunchTemplate;
import software.amazon.awscdk.services.ec2.LaunchTemplateHttpTokens;
import software.amazon.awscdk.services.ec2.UserData;
import software.amazon.awscdk.services.ecs.AmiHardwareType;
import software.amazon.awscdk.services.ecs.AsgCapacityProvider;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.EcsOptimizedImage;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.constructs.Construct;

/**
 * The instances with GPUs: as many as the tasks need, none where there is no task, and none taken away under a task. ECS has
 * no metric of a GPU's use, so that each instance has the CloudWatch agent, which asks the driver.
 */
final class GpuInstances extends Construct {

    /** AWS's image for GPUs has 30 GiB; a CUDA image and a model want more. */
    private static final int DISK_GIB = 120;

    private final AsgCapacityProvider provider;

    GpuInstances(Construct scope, String id, String stage, Network network, Cluster cluster, TierSettings tier) {
        super(scope, id);
        Role role = Role.Builder.create(this, "Role")
                .assumedBy(new ServicePrincipal("ec2.amazonaws.com"))
                .build();
        role.addToPolicy(PolicyStatement.Builder.create()
                .actions(List.of("cloudwatch:PutMetricData"))
                .resources(List.of("*"))
                .conditions(Map.of("StringEquals", Map.of("cloudwatch:namespace", Metrics.NAMESPACE)))
                .build());
        UserData start = UserData.forLinux();
        start.addCommands(
                "echo ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config",
                "echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config",
                // the packages are in S3, which has an endpoint; an instance serves without the agent too
                "dnf install -y amazon-cloudwatch-agent && cat > /opt/gpu.json <<'END' && "
                        + "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
                        + " -a fetch-config -m ec2 -s -c file:/opt/gpu.json || true\n"
                        + agent(stage) + "\nEND");
        LaunchTemplate template = LaunchTemplate.Builder.create(this, "Template")
                .instanceType(new InstanceType(tier.size().instanceType()))
                .machineImage(EcsOptimizedImage.amazonLinux2023(AmiHardwareType.GPU))
                .securityGroup(network.tier())
                .role(role)
                .userData(start)
                .httpTokens(LaunchTemplateHttpTokens.REQUIRED)
                // a container is one hop further than that
                .httpPutResponseHopLimit(1)
                .detailedMonitoring(true)
                .blockDevices(List.of(BlockDevice.builder()
                        .deviceName("/dev/xvda")
                        .volume(BlockDeviceVolume.ebs(
                                DISK_GIB,
                                EbsDeviceOptions.builder()
                                        .encrypted(true)
                                        .volumeType(EbsDeviceVolumeType.GP3)
                                        .build()))
                        .build()))
                .build();
        AutoScalingGroup group = AutoScalingGroup.Builder.create(this, "Group")
                .vpc(network.vpc())
                .vpcSubnets(network.inside())
                .launchTemplate(template)
                .minCapacity(0)
                // while a new version comes, each task is there twice
                .maxCapacity(2 * tier.scaling().maxTasks())
                .newInstancesProtectedFromScaleIn(true)
                .build();
        provider = AsgCapacityProvider.Builder.create(this, "Capacity")
                .autoScalingGroup(group)
                .enableManagedScaling(true)
                .enableManagedDraining(true)
                .enableManagedTerminationProtection(true)
                .build();
        cluster.addAsgCapacityProvider(provider);
        answerNagFindings(role, group);
    }

    AsgCapacityProvider provider() {
        return provider;
    }

    private static String agent(String stage) {
        return """
                {"agent": {"metrics_collection_interval": 60},
                 "metrics": {"namespace": "%s",
                  "aggregation_dimensions": [["Stage"]],
                  "metrics_collected": {"nvidia_gpu": {
                   "measurement": ["utilization_gpu", "memory_used", "memory_total"],
                   "append_dimensions": {"Stage": "%s"}}}}}""".formatted(Metrics.NAMESPACE, stage);
    }

    private void answerNagFindings(Role role, AutoScalingGroup group) {
        Answers.answerWithin(
                role,
                "AwsSolutions-IAM5",
                "What the ECS agent is documented to need; where an action knows a resource or a condition it has it, and a"
                        + " metric goes to our namespace alone",
                List.of("Resource::*", "Action::ecs:Submit*"));
        Answers.answer(
                group,
                "AwsSolutions-AS3",
                "ECS starts and ends the instances with its tasks; what matters of it is in the service's alarms");
    }
}
