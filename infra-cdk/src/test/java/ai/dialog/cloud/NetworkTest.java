package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

class NetworkTest {

    private static final Stacks.Built PROD = Stacks.prod();
    private static final Stacks.Built DEV = Stacks.dev();

    @Test
    void thereIsNoWayToOrFromTheInternet() {
        for (Stacks.Built stack : List.of(DEV, PROD)) {
            stack.template().resourceCountIs("AWS::EC2::InternetGateway", 0);
            stack.template().resourceCountIs("AWS::EC2::NatGateway", 0);
            stack.template().resourceCountIs("AWS::EC2::Subnet", 2);
            stack.template()
                    .allResourcesProperties("AWS::EC2::Subnet", Match.objectLike(Map.of("MapPublicIpOnLaunch", false)));
        }
    }

    @Test
    void threeZonesAreThreeThoughTheTemplateNamesNoRegion() {
        Stacks.Built wide = Stacks.with(
                Map.of("stage", "prod", "image", Stacks.IMAGE, "model", "s3://my-models/small.gguf", "zones", 3));
        wide.template().resourceCountIs("AWS::EC2::Subnet", 3);
        assertThat(wide.template().findResources("AWS::EC2::Subnet").toString())
                .contains("Fn::Select=[2, {Fn::GetAZs=");
        assertThat(zonesOf(wide)).containsOnly(3);
    }

    @Test
    void aNatGatewayIsThereOnlyWhereItIsAskedFor() {
        Stacks.with(Map.of("image", Stacks.IMAGE, "model", "s3://my-models/small.gguf", "natGateways", 1))
                .template()
                .resourceCountIs("AWS::EC2::NatGateway", 1);
    }

    @Test
    void theServicesOfAwsThatAreNeededAreInsideTheNetwork() {
        assertThat(endpoints(DEV))
                .containsExactlyInAnyOrder(
                        "s3", "dynamodb", "secretsmanager", "ecr.api", "ecr.dkr", "logs", "ssm", "ecs");
        assertThat(endpoints(PROD))
                .containsExactlyInAnyOrder(
                        "s3",
                        "dynamodb",
                        "secretsmanager",
                        "ecr.api",
                        "ecr.dkr",
                        "logs",
                        "ssm",
                        "ecs",
                        "ecs-agent",
                        "ecs-telemetry",
                        "monitoring");
    }

    private static List<String> endpoints(Stacks.Built stack) {
        return stack.template().findResources("AWS::EC2::VPCEndpoint").values().stream()
                .map(endpoint -> at(endpoint, "Properties", "ServiceName").toString())
                .map(name -> name.replaceAll("^.*?([a-z][a-z0-9.-]+)[^a-z]*$", "$1"))
                .map(name -> name.replaceAll("^\\.", ""))
                .collect(Collectors.toList());
    }

    @Test
    void devPaysForEndpointsInOneZoneAndProdHasThemInEach() {
        assertThat(zonesOf(DEV)).containsOnly(1);
        assertThat(zonesOf(PROD)).containsOnly(2);
    }

    private static List<Integer> zonesOf(Stacks.Built stack) {
        return stack
                .template()
                .findResources("AWS::EC2::VPCEndpoint", Map.of("Properties", Map.of("VpcEndpointType", "Interface")))
                .values()
                .stream()
                .map(endpoint -> ((List<?>) at(endpoint, "Properties", "SubnetIds")).size())
                .toList();
    }

    @Test
    void throughTheEndpointOfS3OnlyThisAccountsBucketsAndAwssOwnAreReached() {
        PROD.template()
                .hasResourceProperties(
                        "AWS::EC2::VPCEndpoint",
                        Map.of(
                                "VpcEndpointType",
                                "Gateway",
                                "PolicyDocument",
                                Match.objectLike(Map.of(
                                        "Statement",
                                        Match.arrayWith(List.of(Match.objectLike(Map.of(
                                                "Action",
                                                List.of("s3:GetObject", "s3:ListBucket"),
                                                "Condition",
                                                Map.of(
                                                        "StringEquals",
                                                        Map.of(
                                                                "aws:ResourceAccount",
                                                                Map.of("Ref", "AWS::AccountId")))))))))));
    }

    @Test
    void whoTalkedToWhomIsWrittenDown() {
        PROD.template().hasResourceProperties("AWS::EC2::FlowLog", Map.of("TrafficType", "ALL"));
    }

    @Test
    void theLoadBalancerIsInsideAndOnlyTheFunctionsReachIt() {
        Template template = PROD.template();
        template.hasResourceProperties(
                "AWS::ElasticLoadBalancingV2::LoadBalancer", Map.of("Scheme", "internal", "Type", "application"));
        assertThat(sources("NetworkBalancer")).singleElement().asString().contains("NetworkFunctions");
        assertThat(sources("NetworkTier")).singleElement().asString().contains("NetworkBalancer");
        assertThat(template.findResources("AWS::EC2::SecurityGroup").toString())
                .doesNotContain("SecurityGroupIngress=[");
    }

    /** Who may come into the group whose logical id begins so. */
    private static List<String> sources(String group) {
        return PROD.template().findResources("AWS::EC2::SecurityGroupIngress").values().stream()
                .filter(rule -> at(rule, "Properties", "GroupId").toString().contains(group))
                .map(rule -> at(rule, "Properties", "SourceSecurityGroupId").toString())
                .toList();
    }

    @Test
    void theLoadBalancerSpeaksTlsToTheContainersPortAndWaitsAsLongAsAStreamLasts() {
        PROD.template()
                .hasResourceProperties(
                        "AWS::ElasticLoadBalancingV2::TargetGroup",
                        Map.of(
                                "Port", 18789,
                                "Protocol", "HTTPS",
                                "TargetType", "ip",
                                "HealthCheckPath", "/health",
                                "HealthCheckProtocol", "HTTPS"));
        assertThat(at(PROD.only("AWS::ElasticLoadBalancingV2::LoadBalancer", "Tier"), "LoadBalancerAttributes")
                        .toString())
                .contains("{Key=idle_timeout.timeout_seconds, Value=900}", "{Key=access_logs.s3.enabled, Value=true}");
    }

    @Test
    void withACertificateTheFunctionsCallItByNameOverTls() {
        Stacks.Built named = Stacks.with(Map.of(
                "image",
                Stacks.IMAGE,
                "model",
                "s3://my-models/small.gguf",
                "natGateways",
                1,
                "gatewayKeys",
                true,
                "operatorRoles",
                "Admin",
                "domainName",
                "api.example.org",
                "certificateArn",
                Certificates.PUBLIC,
                "internalDomain",
                "models.example.org",
                "internalCertificateArn",
                Certificates.INTERNAL));
        named.template()
                .hasResourceProperties(
                        "AWS::ElasticLoadBalancingV2::Listener",
                        Map.of(
                                "Port",
                                443,
                                "Protocol",
                                "HTTPS",
                                "Certificates",
                                List.of(Map.of("CertificateArn", Certificates.INTERNAL))));
        named.template().hasResourceProperties("AWS::Route53::HostedZone", Map.of("Name", "models.example.org."));
        assertThat(named.only("AWS::Lambda::Function", "FunctionsChat").toString())
                .contains("INFERENCE_URL=https://models.example.org");
        PROD.template()
                .hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", Map.of("Port", 80, "Protocol", "HTTP"));
    }
}
