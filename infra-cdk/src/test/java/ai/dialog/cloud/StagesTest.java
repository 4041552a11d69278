package ai.dialog.cloud;

import static ai.dialog.cloud.Stacks.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That {@code ai-dialog-cli cost} counts what the stacks declare: its file of counts against the templates. */
class StagesTest {

    private static final Path COUNTED =
            Path.of("../local-gpu-runner/src/main/resources/ai/dialog/runner/cost/stages.json");

    /** A target tracking policy makes an alarm above its target and one below (Application Auto Scaling's guide). */
    private static final int ALARMS_OF_A_TARGET = 2;

    /** What EC2's detailed monitoring is charged for (CloudWatch's price list). */
    private static final int DETAILED_METRICS = 7;

    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void theCostCommandCountsWhatTheStackDeclares(String stage) throws IOException {
        Stacks.Built stack = stage.equals("dev") ? Stacks.dev() : Stacks.prod();
        Map<?, ?> counted = (Map<?, ?>) at(Json.read(Files.readString(COUNTED)), stage);
        assertThat(new TreeMap<>(counted)).hasToString(new TreeMap<>(declared(stack)).toString());
    }

    private static Map<String, Object> declared(Stacks.Built stack) {
        Map<String, Object> counts = new TreeMap<>(Map.of(
                "balancers",
                        all(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer").size(),
                "endpoints", endpoints(stack),
                // less the one of the caller that there is unless set
                "secrets", all(stack, "AWS::SecretsManager::Secret").size() - 1,
                "keys", all(stack, "AWS::KMS::Key").size(),
                "alarms", alarms(stack),
                "dashboards", all(stack, "AWS::CloudWatch::Dashboard").size(),
                "firewallRules",
                        all(stack, "AWS::WAFv2::WebACL").stream()
                                .mapToInt(firewall -> ((List<?>) at(firewall, "Rules")).size())
                                .sum()));
        var templates = all(stack, "AWS::EC2::LaunchTemplate");
        if (templates.isEmpty()) {
            Map<?, ?> task = stack.only("AWS::ECS::TaskDefinition", "TierTask");
            counts.put("fargateCpus", number(at(task, "Cpu")) / 1024);
            counts.put("fargateGb", number(at(task, "Memory")) / 1024);
            counts.put("diskGb", 0);
            counts.put("metrics", ofTheContainers(stack));
            counts.put("instanceMetrics", 0);
        } else {
            Map<?, ?> instance = (Map<?, ?>) at(templates.iterator().next(), "LaunchTemplateData");
            int gpu = ofAGpu(instance);
            counts.put("instance", at(instance, "InstanceType"));
            counts.put("fargateCpus", 0);
            counts.put("fargateGb", 0);
            counts.put("diskGb", at(((List<?>) at(instance, "BlockDeviceMappings")).getFirst(), "Ebs", "VolumeSize"));
            // the agent sends each figure of a GPU with the stage alone, and with the GPU's own names
            counts.put("metrics", ofTheContainers(stack) + gpu);
            boolean detailed = at(instance, "Monitoring", "Enabled").equals(true);
            counts.put("instanceMetrics", gpu + (detailed ? DETAILED_METRICS : 0));
        }
        return counts;
    }

    private static int endpoints(Stacks.Built stack) {
        return all(stack, "AWS::EC2::VPCEndpoint").stream()
                .filter(endpoint -> at(endpoint, "VpcEndpointType").equals("Interface"))
                .mapToInt(endpoint -> ((List<?>) at(endpoint, "SubnetIds")).size())
                .sum();
    }

    private static int alarms(Stacks.Built stack) {
        int watched = 0;
        for (Map<?, ?> alarm : all(stack, "AWS::CloudWatch::Alarm")) {
            watched += alarm.get("Metrics") instanceof List<?> metrics
                    ? (int) metrics.stream()
                            .filter(metric -> ((Map<?, ?>) metric).containsKey("MetricStat"))
                            .count()
                    : 1;
        }
        long targets = all(stack, "AWS::ApplicationAutoScaling::ScalingPolicy").stream()
                .filter(policy -> at(policy, "PolicyType").equals("TargetTrackingScaling"))
                .count();
        // ECS scales instances by a target of its own
        targets += all(stack, "AWS::ECS::CapacityProvider").stream()
                .filter(provider -> at(provider, "AutoScalingGroupProvider", "ManagedScaling", "Status")
                        .equals("ENABLED"))
                .count();
        return watched + (int) targets * ALARMS_OF_A_TARGET;
    }

    /** The metrics of ours that alarms and scaling go by, without the GPU's: all that a container sends. */
    private static int ofTheContainers(Stacks.Built stack) {
        Set<String> names = new HashSet<>();
        for (String type : List.of("AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy")) {
            for (Map<?, ?> resource : all(stack, type)) {
                Object metric = type.endsWith("Alarm")
                        ? resource
                        : resource.get("TargetTrackingScalingPolicyConfiguration") instanceof Map<?, ?> target
                                ? at(target, "CustomizedMetricSpecification")
                                : Map.of();
                if (Metrics.NAMESPACE.equals(((Map<?, ?>) metric).get("Namespace"))) {
                    names.add(at(metric, "MetricName").toString());
                }
            }
        }
        names.remove(Metrics.GPU);
        return names.size();
    }

    private static int ofAGpu(Map<?, ?> instance) {
        Matcher measured = Pattern.compile("\"measurement\": \\[([^\\]]*)]")
                .matcher(at(instance, "UserData").toString());
        assertThat(measured.find()).isTrue();
        return measured.group(1).split(",", -1).length;
    }

    private static Collection<Map<?, ?>> all(Stacks.Built stack, String type) {
        return stack.template().findResources(type).values().stream()
                .<Map<?, ?>>map(resource -> (Map<?, ?>) at(resource, "Properties"))
                .toList();
    }

    private static int number(Object text) {
        return Integer.parseInt(text.toString());
    }
}
