package ai.dialog.cloud.settings;

import org.jspecify.annotations.Nullable;

/**
 * The private network, which is there only with the container tier.
 *
 * @param vpcCidr its addresses, IPv4, a range of 16 to 24 bits; {@code 10.42.0.0/16} unless set
 * @param zones in how many availability zones; 2 unless set
 * @param endpointZones in how many of them AWS's services have an endpoint, which each costs by the hour; for prod as many as
 *     {@code zones}, else 1
 * @param natGateways ways out to the internet; 0 unless set: nothing needs one
 * @param internalDomain the load balancer's host name inside the network; null for plain HTTP between the functions and it
 * @param internalCertificateArn its certificate in ACM; given with {@code internalDomain} or not at all
 */
public record NetworkSettings(
        String vpcCidr,
        int zones,
        int endpointZones,
        int natGateways,
        @Nullable String internalDomain,
        @Nullable String internalCertificateArn) {

    static NetworkSettings from(Context values, boolean prod) {
        int zones = values.number("zones", 2, 2, 3);
        NetworkSettings settings = new NetworkSettings(
                range(values.text("vpcCidr", "10.42.0.0/16")),
                zones,
                values.number("endpointZones", prod ? zones : 1, 1, zones),
                values.number("natGateways", 0, 0, zones),
                values.matching("internalDomain", GatewaySettings.HOST, "is no host name in lower case"),
                values.matching(
                        "internalCertificateArn", GatewaySettings.CERTIFICATE, "is no ARN of a certificate in ACM"));
        GatewaySettings.bothOrNone(
                "internalDomain", settings.internalDomain, "internalCertificateArn", settings.internalCertificateArn);
        return settings;
    }

    private static String range(String text) {
        try {
            new Cidr(text);
        } catch (IllegalArgumentException wrong) {
            throw Context.refused("vpcCidr", "'" + text + "' is no range of addresses");
        }
        // AWS takes 16 to 28; two kinds of subnets in three zones do not fit in less than 24
        if (text.contains(":") || !text.matches(".*/(1[6-9]|2[0-4])")) {
            throw Context.refused("vpcCidr", "'" + text + "' must be IPv4 with a length from 16 to 24");
        }
        return text;
    }
}
