package ai.dialog.runner.cost;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a stage's stack declares that is paid for. It is in {@code stages.json}, which a test of {@code infra-cdk} holds against
 * its templates.
 *
 * @param instance the EC2 instance of a container; null for Fargate
 * @param fargateCpus processors of a container on Fargate
 * @param fargateGb its memory
 * @param diskGb an instance's
 * @param balancers load balancers
 * @param endpoints interface endpoints of the network, each in each zone
 * @param secrets without those of callers
 * @param keys of KMS
 * @param metrics custom ones, which the containers and the instances send together
 * @param instanceMetrics those that each instance has besides: EC2's detailed ones, and its GPU's own
 * @param alarms metrics that alarms watch, as CloudWatch counts, with the two alarms that each target of a scaling makes
 * @param dashboards of CloudWatch
 * @param firewallRules of the web application firewall; 0 where there is none
 */
public record Declared(
        @Nullable String instance,
        double fargateCpus,
        double fargateGb,
        double diskGb,
        int balancers,
        int endpoints,
        int secrets,
        int keys,
        int metrics,
        int instanceMetrics,
        int alarms,
        int dashboards,
        int firewallRules) {

    /** By the stage's name. */
    static Map<String, Declared> stages() {
        try (InputStream in = Objects.requireNonNull(Declared.class.getResourceAsStream("stages.json"))) {
            return JsonMapper.shared().readValue(in, new TypeReference<Map<String, Declared>>() {});
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    Declared on(String otherInstance) {
        return new Declared(
                otherInstance,
                fargateCpus,
                fargateGb,
                diskGb,
                balancers,
                endpoints,
                secrets,
                keys,
                metrics,
                instanceMetrics,
                alarms,
                dashboards,
                firewallRules);
    }
}
