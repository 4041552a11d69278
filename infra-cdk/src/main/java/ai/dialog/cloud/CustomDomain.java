package ai.dialog.cloud;

import java.util.Objects;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.services.apigateway.BasePathMapping;
import software.amazon.awscdk.services.apigateway.CfnDomainName;
import software.amazon.awscdk.services.apigateway.DomainName;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.SecurityPolicy;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.constructs.Construct;

/** A host name of one's own for the gateway; the name must be made an alias of the output in whatever serves the domain. */
final class CustomDomain extends Construct {

    CustomDomain(Construct scope, String id, RestApi api, String name, String certificateArn) {
        super(scope, id);
        DomainName domain = DomainName.Builder.create(this, "Domain")
                .domainName(name)
                .certificate(Certificate.fromCertificateArn(this, "Certificate", certificateArn))
                .endpointType(EndpointType.REGIONAL)
                .securityPolicy(SecurityPolicy.TLS_1_2)
                .build();
        // CDK's builder has no word for it: as the gateway, IPv4 and IPv6
        ((CfnDomainName) Objects.requireNonNull(domain.getNode().getDefaultChild()))
                .addPropertyOverride("EndpointConfiguration.IpAddressType", "dualstack");
        BasePathMapping.Builder.create(this, "Everything")
                .domainName(domain)
                .restApi(api)
                .stage(api.getDeploymentStage())
                .build();
        CfnOutput.Builder.create(this, "Target")
                .description("What " + name + " must be an alias of")
                .value(domain.getDomainNameAliasDomainName())
                .build();
    }
}
