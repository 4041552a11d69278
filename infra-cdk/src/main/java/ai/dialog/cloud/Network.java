package ai.dialog.cloud;

import ai.dialog.cloud.settings.NetworkSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.FlowLogDestination;
import software.amazon.awscdk.services.ec2.FlowLogOptions;
import software.amazon.awscdk.services.ec2.FlowLogTrafficType;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpoint;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.IpAddresses;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;
import software.constructs.IDependable;

/**
 * The private network: subnets without a way to or from the internet, AWS's services behind endpoints in it, and a log of
 * who talked to whom. A NAT gateway is there only where a setting asks for it.
 */
final class Network extends Construct {

    private final NetworkSettings settings;
    private final Vpc vpc;
    private final SecurityGroup functions;
    private final SecurityGroup balancer;
    private final SecurityGroup tier;
    private final List<IDependable> services = new ArrayList<>();

    Network(Construct scope, String id, NetworkSettings settings, boolean instances, int logRetentionDays) {
        super(scope, id);
        this.settings = settings;
        vpc = Vpc.Builder.create(this, "Vpc")
                .ipAddresses(IpAddresses.cidr(settings.vpcCidr()))
                // Not named: the region is known at deployment, and its zones with it. By their number CDK gives a
                // template without a region two at most.
                .availabilityZones(IntStream.range(0, settings.zones())
                        .mapToObj(zone -> Fn.select(zone, Fn.getAzs()))
                        .toList())
                .natGateways(settings.natGateways())
                .subnetConfiguration(subnets())
                .build();
        functions = group("Functions", "The functions: they call, nobody calls them", true);
        balancer = group("Balancer", "The load balancer: only the functions may call it", false);
        tier = group("Tier", "The containers: only the load balancer may call them", true);
        logFlows(logRetentionDays);
        reachServices(instances);
    }

    Vpc vpc() {
        return vpc;
    }

    SecurityGroup functions() {
        return functions;
    }

    SecurityGroup balancer() {
        return balancer;
    }

    SecurityGroup tier() {
        return tier;
    }

    /** What a task needs to start: the services of AWS that it is fetched, told and logged by. */
    IDependable[] services() {
        return services.toArray(IDependable[]::new);
    }

    /** Where everything of ours runs. */
    SubnetSelection inside() {
        return SubnetSelection.builder().subnetGroupName("inside").build();
    }

    private List<SubnetConfiguration> subnets() {
        boolean out = settings.natGateways() > 0;
        List<SubnetConfiguration> subnets = new ArrayList<>();
        subnets.add(SubnetConfiguration.builder()
                .name("inside")
                .subnetType(out ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED)
                .build());
        if (out) {
            subnets.add(SubnetConfiguration.builder()
                    .name("edge")
                    .subnetType(SubnetType.PUBLIC)
                    // a NAT gateway and nothing else
                    .cidrMask(28)
                    .mapPublicIpOnLaunch(false)
                    .build());
        }
        return subnets;
    }

    private SecurityGroup group(String id, String description, boolean outbound) {
        return SecurityGroup.Builder.create(this, id)
                .vpc(vpc)
                .description(description)
                .allowAllOutbound(outbound)
                .build();
    }

    private void logFlows(int retentionDays) {
        LogGroup flows = LogGroup.Builder.create(this, "Flows")
                .retention(Retention.ofDays(retentionDays))
                .removalPolicy(RemovalPolicy.DESTROY)
                .build();
        vpc.addFlowLog(
                "FlowLog",
                FlowLogOptions.builder()
                        .destination(FlowLogDestination.toCloudWatchLogs(flows))
                        .trafficType(FlowLogTrafficType.ALL)
                        .build());
    }

    private void reachServices(boolean instances) {
        vpc.addGatewayEndpoint(
                "DynamoDb",
                GatewayVpcEndpointOptions.builder()
                        .service(GatewayVpcEndpointAwsService.DYNAMODB)
                        .build());
        GatewayVpcEndpoint s3 = vpc.addGatewayEndpoint(
                "S3",
                GatewayVpcEndpointOptions.builder()
                        .service(GatewayVpcEndpointAwsService.S3)
                        .build());
        limitS3(s3);
        services.add(s3);
        SecurityGroup endpoints = group("Endpoints", "The services of AWS inside the network", false);
        for (SecurityGroup client : List.of(functions, tier)) {
            endpoints.addIngressRule(client, Port.HTTPS, "The services of AWS");
        }
        SubnetSelection where = SubnetSelection.builder()
                .subnets(vpc.selectSubnets(inside()).getSubnets().subList(0, settings.endpointZones()))
                .build();
        services.add(endpoints);
        services(instances)
                .forEach((name, service) -> services.add(vpc.addInterfaceEndpoint(
                        name,
                        InterfaceVpcEndpointOptions.builder()
                                .service(service)
                                .subnets(where)
                                .securityGroups(List.of(endpoints))
                                .open(false)
                                .build())));
    }

    /** By the name that the endpoint has in the template. */
    private static Map<String, InterfaceVpcEndpointAwsService> services(boolean instances) {
        Map<String, InterfaceVpcEndpointAwsService> services = new LinkedHashMap<>();
        services.put("SecretsManager", InterfaceVpcEndpointAwsService.SECRETS_MANAGER);
        services.put("Ecr", InterfaceVpcEndpointAwsService.ECR);
        services.put("EcrDocker", InterfaceVpcEndpointAwsService.ECR_DOCKER);
        services.put("Logs", InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS);
        // a task reads the name of its model there
        services.put("Ssm", InterfaceVpcEndpointAwsService.SSM);
        // the functions wake the tier by it
        services.put("Ecs", InterfaceVpcEndpointAwsService.ECS);
        if (instances) {
            services.put("EcsAgent", InterfaceVpcEndpointAwsService.ECS_AGENT);
            services.put("EcsTelemetry", InterfaceVpcEndpointAwsService.ECS_TELEMETRY);
            // the agent on an instance sends there how busy its GPU is
            services.put("Monitoring", InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING);
        }
        return services;
    }

    /** This account's buckets, and the two of AWS's own that images and packages come from: nothing leaves to another. */
    private static void limitS3(GatewayVpcEndpoint endpoint) {
        Stack stack = Stack.of(endpoint);
        endpoint.addToPolicy(PolicyStatement.Builder.create()
                .principals(List.of(new AnyPrincipal()))
                .actions(List.of("s3:GetObject", "s3:ListBucket"))
                .resources(List.of("*"))
                .conditions(Map.of("StringEquals", Map.of("aws:ResourceAccount", stack.getAccount())))
                .build());
        endpoint.addToPolicy(PolicyStatement.Builder.create()
                .principals(List.of(new AnyPrincipal()))
                .actions(List.of("s3:GetObject"))
                .resources(List.of(
                        "arn:%s:s3:::prod-%s-starport-layer-bucket/*"
                                .formatted(stack.getPartition(), stack.getRegion()),
                        "arn:%s:s3:::al2023-repos-%s-*/*".formatted(stack.getPartition(), stack.getRegion())))
                .build());
    }
}
