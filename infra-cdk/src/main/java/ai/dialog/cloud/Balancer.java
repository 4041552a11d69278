package ai.dialog.cloud;

import ai.dialog.cloud.settings.NetworkSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationLoadBalancer;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationProtocol;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroup;
import software.amazon.awscdk.services.elasticloadbalancingv2.BaseApplicationListenerProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.HealthCheck;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCertificate;
import software.amazon.awscdk.services.elasticloadbalancingv2.Protocol;
import software.amazon.awscdk.services.elasticloadbalancingv2.SslPolicy;
import software.amazon.awscdk.services.elasticloadbalancingv2.TargetGroupLoadBalancingAlgorithmType;
import software.amazon.awscdk.services.elasticloadbalancingv2.TargetType;
import software.amazon.awscdk.services.route53.ARecord;
import software.amazon.awscdk.services.route53.PrivateHostedZone;
import software.amazon.awscdk.services.route53.RecordTarget;
import software.amazon.awscdk.services.route53.targets.LoadBalancerTarget;
import software.constructs.Construct;

/**
 * The load balancer inside the network, between the functions and the containers. To our container it speaks TLS. From the
 * functions it takes HTTPS where a domain and its certificate are given; without them plain HTTP, from the functions' security
 * group alone, inside the network.
 */
final class Balancer extends Construct {

    private final ApplicationLoadBalancer balancer;

    private final ApplicationTargetGroup targets;
    private final String url;

    Balancer(Construct scope, String id, Network network, NetworkSettings settings, LogBucket logs, Served served) {
        super(scope, id);
        balancer = ApplicationLoadBalancer.Builder.create(this, "Balancer")
                .vpc(network.vpc())
                .vpcSubnets(network.inside())
                .securityGroup(network.balancer())
                .internetFacing(false)
                // a model that thinks sends nothing: as long as the longest answer may take
                .idleTimeout(Duration.seconds(served.streamSeconds()))
                .dropInvalidHeaderFields(true)
                .deletionProtection(false)
                .build();
        logs.balancerAttributes().forEach(balancer::setAttribute);
        balancer.getNode().addDependency(logs);
        targets = targets(network, served);
        String domain = settings.internalDomain();
        balancer.addListener("Listener", listener(settings.internalCertificateArn()));
        network.balancer()
                .addIngressRule(network.functions(), domain != null ? Port.HTTPS : Port.HTTP, "The functions");
        network.balancer().addEgressRule(network.tier(), Port.tcp(served.port()), "The containers");
        network.tier().addIngressRule(network.balancer(), Port.tcp(served.port()), "The load balancer");
        url = domain != null ? named(network, domain) : "http://" + balancer.getLoadBalancerDnsName();
    }

    /**
     * What is behind it.
     *
     * @param port of the containers
     * @param tls whether they have a certificate (their own: the load balancer does not check it)
     * @param healthPath what answers 200 when the model is loaded
     * @param streamSeconds how long one answer may take
     */
    record Served(int port, boolean tls, String healthPath, int streamSeconds) {}

    ApplicationLoadBalancer balancer() {
        return balancer;
    }

    ApplicationTargetGroup targets() {
        return targets;
    }

    /** For the functions. */
    String url() {
        return url;
    }

    private ApplicationTargetGroup targets(Network network, Served served) {
        return ApplicationTargetGroup.Builder.create(this, "Targets")
                .vpc(network.vpc())
                .targetType(TargetType.IP)
                .port(served.port())
                .protocol(served.tls() ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP)
                // an answer that streams for minutes counts as much as it lasts
                .loadBalancingAlgorithmType(TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS)
                // streams that run go on while a task leaves; a container has two minutes after its signal
                .deregistrationDelay(Duration.seconds(120))
                .healthCheck(HealthCheck.builder()
                        .path(served.healthPath())
                        .protocol(served.tls() ? Protocol.HTTPS : Protocol.HTTP)
                        .healthyHttpCodes("200")
                        .interval(Duration.seconds(10))
                        .timeout(Duration.seconds(5))
                        .healthyThresholdCount(2)
                        .unhealthyThresholdCount(3)
                        .build())
                .build();
    }

    private BaseApplicationListenerProps listener(@Nullable String certificate) {
        var props = BaseApplicationListenerProps.builder().open(false).defaultTargetGroups(List.of(targets));
        if (certificate == null) {
            return props.port(80).protocol(ApplicationProtocol.HTTP).build();
        }
        return props.port(443)
                .protocol(ApplicationProtocol.HTTPS)
                .sslPolicy(SslPolicy.RECOMMENDED_TLS)
                .certificates(List.of(ListenerCertificate.fromCertificateManager(
                        Certificate.fromCertificateArn(this, "Certificate", certificate))))
                .build();
    }

    private String named(Network network, String domain) {
        PrivateHostedZone zone = PrivateHostedZone.Builder.create(this, "Zone")
                .zoneName(domain)
                .vpc(network.vpc())
                .build();
        ARecord.Builder.create(this, "Name")
                .zone(zone)
                .target(RecordTarget.fromAlias(new LoadBalancerTarget(balancer)))
                .build();
        return "https://" + domain;
    }
}
